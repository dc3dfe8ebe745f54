package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.embedded.EmbeddedKafka;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.tracing.Traces;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;

/** The relay on a real database and a real broker, with commits that come late. */
class JournalRelayTest {
  private static final TenantId TENANT = new TenantId("default");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String TOPIC = "test.submitted";
  @TempDir private static Path folder;
  private static EmbeddedPostgreSql postgres;
  private static EmbeddedKafka kafka;
  private static String url;

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), FreePorts.next());
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), FreePorts.next(), FreePorts.next());
    url = postgres.database("journal");
    try (Connection connection = DriverManager.getConnection(url)) {
      ScriptUtils.executeSqlScript(connection, new ClassPathResource("db/journal/V1__journal.sql"));
      ScriptUtils.executeSqlScript(
          connection, new ClassPathResource("db/journal/V200__workflow_trace.sql"));
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
    }
  }

  @AfterAll
  static void stop() throws Exception {
    kafka.close();
    postgres.close();
  }

  @Test
  void aLateCommitIsNeitherSkippedNorOvertaken() throws Exception {
    JournalRelay relay = relay();
    relay.start();
    try (Connection late = DriverManager.getConnection(url);
        Connection quick = DriverManager.getConnection(url)) {
      // The late one's id is the higher of the two, so that no snapshot counts it as running.
      late.setAutoCommit(false);
      quick.setAutoCommit(false);
      try (var statement = quick.createStatement()) {
        statement.execute("SELECT pg_current_xact_id()");
      }
      append(late, "late");
      append(quick, "quick");
      quick.commit();
      quick.setAutoCommit(true);
      relay.wake();
      append(quick, "later");
      relay.wake();
      Awaitility.await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(20))
          .until(() -> published().isEmpty());
      late.commit();
      relay.wake();
      Awaitility.await().until(() -> published().size() == 3);
      assertThat(published()).containsExactly("late", "quick", "later");
    } finally {
      relay.stop();
    }
    JournalRelay next = relay();
    next.start();
    try (Connection connection = DriverManager.getConnection(url)) {
      append(connection, "after a restart");
      next.wake();
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(published())
                      .containsExactly("late", "quick", "later", "after a restart"));
    } finally {
      next.stop();
    }
  }

  private static JournalRelay relay() {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", kafka.bootstrapServers(),
            "key.serializer", StringSerializer.class,
            "value.serializer", ByteArraySerializer.class);
    KafkaTemplate<String, byte[]> template =
        new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(settings));
    return new JournalRelay(
        new DriverManagerDataSource(url),
        new EventPublisher(
            template,
            new Topics("test.", 1, (short) 1, Duration.ofDays(7), Duration.ofDays(30), true),
            "test-service",
            Traces.none()),
        () -> {});
  }

  private static void append(Connection connection, String workflow) {
    JournalStore store =
        new JournalStore(new JdbcTemplate(new SingleConnectionDataSource(connection, true)));
    store.append(
        List.of(
            JournalEntry.published(
                "workflow.submitted",
                new WorkflowEvent.WorkflowSubmitted(TENANT, new WorkflowId(workflow)))),
        NOW);
  }

  /** The workflows of the records that are on the topic, each readable as the event it was. */
  private static List<String> published() {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", kafka.bootstrapServers(),
            "key.deserializer", StringDeserializer.class,
            "value.deserializer", ByteArrayDeserializer.class);
    List<String> found = new ArrayList<>();
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(settings)) {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          assertThat(record.headers().lastHeader("ce_type").value())
              .asString()
              .isEqualTo("io.agentmanager.workflow.submitted.v1");
          WorkflowEvent event = EventReader.read(record);
          assertThat(record.key()).isEqualTo(event.workflowId().value());
          found.add(event.workflowId().value());
        }
      }
    }
    return found;
  }
}
