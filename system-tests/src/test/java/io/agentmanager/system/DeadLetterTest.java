package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.embedded.EmbeddedPostgreSql;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What could not be handled: seen with its cause, and sent on its way again once that is mended.
 */
@Execution(ExecutionMode.CONCURRENT)
class DeadLetterTest {
  private final RunningSystem system = RunningSystem.split();
  private final Api api = system.api();

  @Test
  void aRecordThatFailedIsListedShownAndReplayedOnceItsCauseIsGone() throws Exception {
    String known =
        api.post(
                "/v1/tasks",
                """
                {"description": "to be copied", "audit": {"mode": "none"}, "tasks": [
                  {"step_id": "s", "task_description": "x", "assigned_agent": "dead-letters"}]}
                """)
            .text("workflow_id");
    String copy = UUID.randomUUID().toString();
    send(
        "planned",
        copy,
        "{\"tenant_id\": \"default\", \"workflow_id\": \""
            + copy
            + "\", \"succeeded\": true, \"steps\": 1}");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> am(0, "dlt", "list").contains(copy));
    String line = am(0, "dlt", "list").lines().filter(l -> l.contains(copy)).findFirst().orElse("");
    assertThat(line).contains("task-service", "IllegalStateException", "does not know");
    URI metrics = URI.create("http://127.0.0.1:" + system.port("task-service-management"));
    assertThat(new Api(metrics, "").stream("/actuator/prometheus").body())
        .anyMatch(
            sample ->
                sample.matches("agentmanager_dead_letters_total\\{topic=\"planned\"} [1-9].*"));
    String id = line.split("\\s+")[0];
    assertThat(am(0, "dlt", "show", id))
        .contains("topic     agentmanager.planned", "ce_type", copy, "\tat io.agentmanager.");
    assertThat(api.get("/v1/workflows/" + copy).status()).isEqualTo(404);

    // The planner's row was missing; now it is there.
    try (Connection connection =
        DriverManager.getConnection(
            EmbeddedPostgreSql.jdbcUrl(system.port("postgres"), "planner"))) {
      connection
          .createStatement()
          .execute(
              """
              INSERT INTO submission (tenant_id, workflow_id, body_hash, submission, explicit, plan,
                usage, created_at, planned_at)
              SELECT tenant_id, '%s', body_hash, submission, explicit, plan, usage, created_at,
                planned_at
              FROM submission WHERE workflow_id = '%s'
              """
                  .formatted(copy, known));
    }
    assertThat(am(0, "dlt", "replay", id)).contains("1 replayed");
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> history(copy) > 0);
    assertThat(am(0, "dlt", "list")).doesNotContain(copy);
    assertThat(am(0, "dlt", "list", "--all")).contains("(replayed)", copy);
  }

  @Test
  void aLetterThatIsNotThereIsAnErrorThatNamesIt() throws Exception {
    assertThat(am(1, "dlt", "show", "planned/0/999999")).contains("planned/0/999999");
    assertThat(am(1, "dlt", "replay", "nothing/1/2")).contains("nothing/1/2");
    assertThat(am(1, "dlt", "replay")).contains("--all");
  }

  /** Rows of the journal: the event alone brought the workflow in, no question of a user. */
  private int history(String workflow) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(
                EmbeddedPostgreSql.jdbcUrl(system.port("postgres"), "task"));
        var rows =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT count(*) FROM journal WHERE workflow_id = '" + workflow + "'")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private void send(String topic, String key, String json) throws Exception {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", "127.0.0.1:" + system.port("kafka")),
            new StringSerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<String, byte[]> record =
          new ProducerRecord<>("agentmanager." + topic, key, json.getBytes(StandardCharsets.UTF_8));
      Map.of(
              "ce_specversion", "1.0",
              "ce_id", "1",
              "ce_source", "/agentmanager/dead-letter-test",
              "ce_type", "io.agentmanager.workflow." + topic + ".v1",
              "content-type", "application/json")
          .forEach((k, v) -> record.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
      producer.send(record).get();
    }
  }

  /** Runs the launcher and returns what it printed. */
  private String am(int status, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--data", system.data().toString()));
    Process process =
        new ProcessBuilder(Launcher.am(command.toArray(String[]::new)))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isEqualTo(status);
    return output;
  }
}
