package io.agentmanager.audit.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.agentmanager.audit.AuditService;
import io.agentmanager.audit.TestKeys;
import io.agentmanager.contracts.api.TrailVerification;
import io.agentmanager.contracts.api.TrailVerification.Fault;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.embedded.EmbeddedKafka;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.kafka.core.KafkaOperations;

/** The trail on a real broker and a real database, whose owner tampers with it. */
class TrailTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  @TempDir private static Path folder;
  private static EmbeddedPostgreSql postgres;
  private static EmbeddedKafka kafka;
  private static ConfigurableApplicationContext service;
  private static JdbcTemplate owner;
  private final AppendEntries append = service.getBean(AppendEntries.class);
  private final VerifyTrail verify = service.getBean(VerifyTrail.class);
  private final TrailQueries queries = service.getBean(TrailQueries.class);

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), FreePorts.next());
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), FreePorts.next(), FreePorts.next());
    String url = postgres.database("audit");
    owner = new JdbcTemplate(new DriverManagerDataSource(url));
    service =
        AuditService.application()
            .run(
                "--server.port=" + FreePorts.next(),
                "--agentmanager.internal.secret=0123456789abcdef0123456789abcdef",
                "--agentmanager.trail.keys=" + TestKeys.RING,
                "--agentmanager.trail.signing-key=" + TestKeys.SIGNING,
                "--agentmanager.trail.heads-every=PT0.2S",
                "--agentmanager.topics.partitions=3",
                "--spring.datasource.url=" + url,
                "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers());
  }

  @AfterAll
  static void stop() throws Exception {
    service.close();
    kafka.close();
    postgres.close();
  }

  private static TrailEvent event(TenantId tenant, String object) {
    return new TrailEvent(
        UUID.randomUUID().toString(),
        Instant.now().truncatedTo(ChronoUnit.MICROS),
        tenant,
        "token:ci",
        List.of("admin", "submitter"),
        "workflow.cancel",
        object,
        202,
        1,
        "127.0.0.1",
        "request");
  }

  /** A chain of its own, whose head was published. */
  private TenantId chained(String name, int count) {
    TenantId tenant = new TenantId(name);
    append.append(IntStream.range(0, count).mapToObj(i -> event(tenant, "w" + i)).toList());
    await()
        .atMost(PATIENCE)
        .until(() -> verify.verify(tenant, null).heads() > 0 && isPublished(tenant));
    assertThat(verify.verify(tenant, null).intact()).isTrue();
    return tenant;
  }

  private static boolean isPublished(TenantId tenant) {
    return Boolean.TRUE.equals(
        owner.queryForObject(
            "SELECT published = seq FROM trail_head WHERE tenant_id = ?",
            Boolean.class,
            tenant.value()));
  }

  private void findsAfter(TenantId tenant, String kind, long seq, String sql) {
    owner.update(sql, tenant.value());
    TrailVerification found = verify.verify(tenant, null);
    assertThat(found.intact()).isFalse();
    assertThat(found.faults())
        .extracting(Fault::tenant, Fault::kind, Fault::seq)
        .contains(tuple(tenant.value(), kind, seq));
  }

  @Test
  void whatTheGatewayPublishesIsChainedOnceHoweverOftenItComes() {
    TenantId tenant = new TenantId("heard");
    TrailEvent event = event(tenant, "w");
    KafkaOperations<String, byte[]> events = operations();
    for (int i = 0; i < 3; i++) {
      send(events, event);
    }
    TrailQueries.Filter all = new TrailQueries.Filter(0, null, null, null, 10);
    await().atMost(PATIENCE).until(() -> !queries.page(tenant, all).isEmpty());
    append.append(List.of(event, event(tenant, "x"), event));
    assertThat(queries.page(tenant, all))
        .extracting(e -> e.event().object(), ChainedEntry::seq)
        .containsExactly(tuple("w", 1L), tuple("x", 2L));
    assertThat(queries.page(tenant, all).getFirst().event()).isEqualTo(event);
    assertThat(verify.verify(tenant, null).intact()).isTrue();
  }

  @SuppressWarnings("unchecked")
  private static KafkaOperations<String, byte[]> operations() {
    return service.getBean(KafkaOperations.class);
  }

  @Test
  void aChangedEntryIsFound() {
    findsAfter(
        chained("changed", 5),
        "changed",
        3,
        "UPDATE trail_entry SET actor = 'token:somebody-else' WHERE seq = 3 AND tenant_id = ?");
  }

  @Test
  void aMissingEntryIsFound() {
    findsAfter(
        chained("missing", 5),
        "missing",
        2,
        "DELETE FROM trail_entry WHERE seq = 2 AND tenant_id = ?");
  }

  @Test
  void aTruncatedTrailIsFound() {
    findsAfter(
        chained("truncated", 5),
        "truncated",
        4,
        "DELETE FROM trail_entry WHERE seq > 3 AND tenant_id = ?");
  }

  @Test
  void aTrailThatIsTruncatedWithItsHeadIsFound() {
    TenantId tenant = chained("beheaded", 5);
    owner.update("DELETE FROM trail_entry WHERE seq > 3 AND tenant_id = ?", tenant.value());
    findsAfter(
        tenant,
        "truncated",
        4,
        """
        UPDATE trail_head AS h SET seq = e.seq, hash = e.hash, published = e.seq
        FROM trail_entry AS e WHERE e.tenant_id = h.tenant_id AND e.seq = 3 AND h.tenant_id = ?
        """);
  }

  @Test
  void aTrailThatIsRemovedAltogetherIsFound() {
    TenantId tenant = chained("removed", 2);
    owner.update("DELETE FROM trail_head WHERE tenant_id = ?", tenant.value());
    findsAfter(tenant, "truncated", 1, "DELETE FROM trail_entry WHERE tenant_id = ?");
  }

  @Test
  void aTrailThatIsTruncatedBeforeItsHeadWasPublishedIsFoundByACheckpoint() {
    TenantId tenant = chained("exported", 3);
    append.append(List.of(event(tenant, "the last")));
    Checkpoints.Statement exported = queries.head(tenant).orElseThrow();
    assertThat(verify.verify(tenant, exported).intact()).isTrue();
    owner.update("DELETE FROM trail_entry WHERE seq = 4 AND tenant_id = ?", tenant.value());
    assertThat(verify.verify(tenant, exported).faults())
        .extracting(Fault::kind, Fault::seq)
        .contains(tuple("truncated", 4L));
  }

  @Test
  void aRowThatNoServiceCouldHaveWrittenIsNamed() {
    TenantId tenant = chained("odd", 3);
    findsAfter(
        tenant,
        "changed",
        2,
        "UPDATE trail_entry SET at = 'infinity' WHERE seq = 2 AND tenant_id = ?");
    owner.update(
        "UPDATE trail_entry SET at = now(), roles = '{NULL}' WHERE seq = 2 AND tenant_id = ?",
        tenant.value());
    assertThat(verify.verify(tenant, null).intact()).isFalse();
  }

  @Test
  void whoSaysThatTheHeadsWerePublishedDoesNotStopThem() {
    TenantId tenant = chained("silenced", 2);
    owner.update("UPDATE trail_head SET published = 99999 WHERE tenant_id = ?", tenant.value());
    append.append(List.of(event(tenant, "later")));
    await().atMost(PATIENCE).until(() -> isPublished(tenant));
    owner.update("DELETE FROM trail_entry WHERE seq = 3 AND tenant_id = ?", tenant.value());
    assertThat(verify.verify(tenant, null).faults()).extracting(Fault::kind).contains("truncated");
  }

  @Test
  void aRecordThatIsNoEntryGoesAsideAndThoseBeforeAndAfterItAreChained() {
    TenantId tenant = new TenantId("poisoned");
    KafkaOperations<String, byte[]> events = operations();
    send(events, event(tenant, "before"));
    events.send("agentmanager.trail", tenant.value(), "{}".getBytes(StandardCharsets.UTF_8));
    send(events, event(tenant, "after"));
    TrailQueries.Filter all = new TrailQueries.Filter(0, null, null, null, 10);
    await().atMost(PATIENCE).until(() -> queries.page(tenant, all).size() == 2);
    assertThat(queries.page(tenant, all))
        .extracting(e -> e.event().object())
        .containsExactly("before", "after");
  }

  private static void send(KafkaOperations<String, byte[]> events, TrailEvent event) {
    events.send(
        KafkaMessageFactory.<String>createWriter("agentmanager.trail", event.tenantId().value())
            .writeBinary(
                CloudEventBuilder.v1()
                    .withId(event.entryId())
                    .withSource(URI.create("/agentmanager/gateway"))
                    .withType(TrailEvent.TYPE_NAME)
                    .withData(WireJson.mapper().writeValueAsBytes(event))
                    .build()));
  }

  @Test
  void theServiceItselfCannotChangeWhatItWrote() {
    TenantId tenant = chained("kept", 2);
    JdbcTemplate engine = service.getBean(JdbcTemplate.class);
    for (String sql :
        List.of(
            "UPDATE trail_entry SET status = 200 WHERE tenant_id = ?",
            "DELETE FROM trail_entry WHERE tenant_id = ?")) {
      assertThatThrownBy(() -> engine.update(sql, tenant.value()))
          .rootCause()
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void aTenantSeesItsOwnTrailAlone() {
    TenantId one = chained("one", 1);
    TenantId two = chained("two", 1);
    TrailQueries.Filter all = new TrailQueries.Filter(0, null, null, null, 10);
    assertThat(queries.page(one, all)).allMatch(e -> e.event().tenantId().equals(one));
    assertThat(queries.page(two, all)).hasSize(1);
  }
}
