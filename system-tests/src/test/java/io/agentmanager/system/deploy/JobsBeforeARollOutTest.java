package io.agentmanager.system.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.audit.AuditService;
import io.agentmanager.embedded.EmbeddedKafka;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.local.stack.Secrets;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** What the Jobs of the manifests do, and services that wait for them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JobsBeforeARollOutTest {
  private static final String INTERNAL = "0123456789abcdef0123456789abcdef";
  private static final String SECRET = "--agentmanager.internal.secret=" + INTERNAL;

  /** Services that are given no other derive the roles' passwords from the internal secret. */
  private static final String ROLES = "--agentmanager.database.role-secret=" + INTERNAL;

  @TempDir private static Path folder;
  private static EmbeddedPostgreSql postgres;
  private static EmbeddedKafka kafka;
  private static String broker;
  private static int port;

  @BeforeAll
  static void stores() throws Exception {
    port = FreePorts.next();
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), port);
    postgres.database("audit");
    int at = FreePorts.next();
    broker = "127.0.0.1:" + at;
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), at, FreePorts.next());
  }

  @AfterAll
  static void stop() throws IOException {
    kafka.close();
    postgres.close();
  }

  private static String[] arguments(String... more) {
    List<String> arguments = new ArrayList<>(Arrays.asList(more));
    arguments.addAll(
        List.of(
            "--agentmanager.topics.partitions=2", "--spring.kafka.bootstrap-servers=" + broker));
    return arguments.toArray(String[]::new);
  }

  private static String owner() {
    return "--spring.datasource.url=" + EmbeddedPostgreSql.jdbcUrl(port, "audit");
  }

  private static String nobody() {
    return "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + port + "/audit";
  }

  @Test
  @Order(1)
  void aServiceThatDoesNotMigrateSaysWhatItWaitsForWhenItsPatienceEnds() {
    assertThatThrownBy(
            () ->
                AuditService.application()
                    .run(
                        arguments(
                            SECRET,
                            nobody(),
                            "--agentmanager.database.migration.at-start=false",
                            "--agentmanager.database.migration.patience=PT1S")))
        .hasStackTraceContaining("Run the job: migrate");
  }

  @Test
  @Order(2)
  void theJobsMakeWhatTheServiceThatWaitsNeeds() throws Exception {
    int service = FreePorts.next();
    Secrets secrets = Secrets.make();
    String[] waits =
        arguments(
            SECRET,
            nobody(),
            "--server.port=" + service,
            "--agentmanager.database.migration.at-start=false",
            "--agentmanager.topics.create=false",
            "--agentmanager.trail.keys=" + secrets.trailKeys(),
            "--agentmanager.trail.signing-key=" + secrets.trailSigningKey());
    CountDownLatch begun = new CountDownLatch(1);
    SpringApplication waiting = AuditService.application();
    waiting.addInitializers(context -> begun.countDown());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<ConfigurableApplicationContext> started =
          CompletableFuture.supplyAsync(() -> waiting.run(waits), threads);
      // Two at once in one process would set up the same logging.
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      // What their manifests give them, and nothing else.
      AuditService.main(arguments("migrate", owner(), ROLES));
      AuditService.main(arguments("topics", nobody()));
      try (ConfigurableApplicationContext context = started.get(60, TimeUnit.SECONDS)) {
        assertThat(context.isRunning()).isTrue();
        assertThat(get("http://127.0.0.1:" + service + "/readyz")).isEqualTo(200);
      }
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
      var topics = admin.listTopics().names().get();
      assertThat(topics)
          .contains("agentmanager.completed", "agentmanager.completed-dlt", "agentmanager.trail");
      assertThat(
              admin
                  .describeTopics(List.of("agentmanager.ready"))
                  .allTopicNames()
                  .get()
                  .get("agentmanager.ready")
                  .partitions())
          .hasSize(2);
    }
  }

  @Test
  @Order(3)
  void theJobsMayRunAgain() {
    Stream.of("migrate", "topics")
        .forEach(job -> AuditService.main(arguments(job, owner(), ROLES)));
  }

  private static int get(String url) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
