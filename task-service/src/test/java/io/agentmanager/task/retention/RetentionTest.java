package io.agentmanager.task.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.journal.RetentionSettings;
import io.agentmanager.journal.Topics;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class RetentionTest {
  private static final List<String> TABLES =
      List.of(
          "workflow",
          "workflow_definition",
          "step",
          "step_definition",
          "step_result",
          "step_iteration",
          "rework_note",
          "workflow_usage",
          "workflow_outcome",
          "file_lock",
          "lock_wait",
          "journal");

  @Test
  void aFinishedWorkflowGoesWithEverythingAndNoLateRecordRevivesIt() throws Exception {
    try (RunningService service =
        RunningService.start(
            1, "agentmanager.retention.finished=PT1S", "agentmanager.retention.every=PT0.2S")) {
      JdbcTemplate jdbc = service.bean(JdbcTemplate.class);
      StepSpec locked =
          new StepSpec("s", "work", "old", null, null, List.of("f"), null, null, null, null, null);
      Plans.admit(service, "gone", List.of(locked));
      Plans.admit(service, "open", List.of(StepSpec.of("s", "work", "later", List.of())));
      Plans.complete(service, "w", "old");
      jdbc.update(
          "INSERT INTO tenant_usage SELECT 'default', current_date - d, 0, 1, 0"
              + " FROM unnest(ARRAY[0, 1000]) AS d");
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(rows(jdbc, "workflow", "gone")).isZero());
      for (String table : TABLES) {
        assertThat(rows(jdbc, table, "gone")).as(table).isZero();
      }
      assertThat(rows(jdbc, "workflow_tombstone", "gone")).isOne();
      assertThat(rows(jdbc, "step", "open")).isOne();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  jdbc.queryForList("SELECT current_date - day FROM tenant_usage", Integer.class)
                      .equals(List.of(0)));
      assertThat(service.call(0, "GET", "/v1/workflows/gone", null).status()).isEqualTo(404);
      for (String late : List.of("submitted", "planned")) {
        awaitConsumed(service, send(service, late));
      }
      assertThat(rows(jdbc, "workflow", "gone")).isZero();
      assertThat(service.call(0, "GET", "/v1/workflows/gone", null).status()).isEqualTo(404);
    }
  }

  @Test
  void tombstonesThatWouldGoBeforeTheRecordsInKafkaAreRefusedAtTheStart() {
    RetentionSettings settings =
        new RetentionSettings(
            Duration.ofDays(1), Duration.ofDays(29), Duration.ofDays(1), Duration.ofDays(1), 1);
    Topics topics = new Topics("a.", 1, (short) 1, Duration.ofDays(7), Duration.ofDays(30), true);
    assertThatThrownBy(() -> new RemoveFinished(null, null, null, settings, topics, null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("agentmanager.retention.tombstones");
  }

  /** A record of the workflow that comes from an old topic or the dead letters. */
  private static RecordMetadata send(RunningService service, String topic) throws Exception {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", service.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      String json =
          "{\"tenant_id\": \"default\", \"workflow_id\": \"gone\", \"succeeded\": true, \"steps\":"
              + " 1}";
      ProducerRecord<String, byte[]> record =
          new ProducerRecord<>(
              "agentmanager." + topic, "gone", json.getBytes(StandardCharsets.UTF_8));
      Map.of(
              "ce_specversion", "1.0",
              "ce_id", "1",
              "ce_source", "/agentmanager/planner-service",
              "ce_type", "io.agentmanager.workflow." + topic + ".v1",
              "content-type", "application/json")
          .forEach((k, v) -> record.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
      return producer.send(record).get();
    }
  }

  private static void awaitConsumed(RunningService service, RecordMetadata sent) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", service.bootstrapServers()))) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                OffsetAndMetadata at =
                    admin
                        .listConsumerGroupOffsets("task-service")
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .get(new TopicPartition(sent.topic(), sent.partition()));
                return at != null && at.offset() > sent.offset();
              });
    }
  }

  private static int rows(JdbcTemplate jdbc, String table, String workflow) {
    Integer count =
        jdbc.queryForObject(
            "SELECT count(*) FROM " + table + " WHERE workflow_id = ?", Integer.class, workflow);
    return count == null ? -1 : count;
  }
}
