package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker beside the broker that hears of steps by a share group. */
class KafkaTransportTest {
  private static final String GROUP = "agentmanager-workers-beside";
  @TempDir private Path folder;
  private final RunningSystem system = RunningSystem.split();
  private final Api api = system.api();

  @Test
  void aWorkerWithTheDoorbellRunsStepsAndAcknowledgesItsRings() throws Exception {
    Process worker = worker("\"transport\": \"kafka\", \"kafka\": {\"bootstrap_servers\": \"%s\"}");
    try {
      Awaitility.await("the group hears of steps")
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions()
          .until(() -> submitAndEnd().equals("COMPLETED") && !acknowledged().isEmpty());
      for (int i = 0; i < 3; i++) {
        assertThat(submitAndEnd()).isEqualTo("COMPLETED");
      }
      Awaitility.await("every ring is acknowledged")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(
              () ->
                  assertThat(acknowledged())
                      .allSatisfy(at -> assertThat(at.lag().orElse(0L)).isZero()));
    } finally {
      worker.destroy();
      assertThat(worker.waitFor(40, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aTransportThatNobodyBringsIsAnErrorThatSaysWhatToAdd() throws Exception {
    Process worker = worker("\"transport\": \"pigeon\"");
    String said = new String(worker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(worker.exitValue()).isEqualTo(2);
    assertThat(said).contains("transport is pigeon", "io.agentmanager:worker-pigeon");
  }

  private Process worker(String transport) throws Exception {
    Path config = folder.resolve("mcp_client_config.json");
    Files.writeString(
        config,
        """
        {"client_agent_id": "beside", "server_url": "%s", "auth_token": "%s",
         "max_parallel_tasks": 4, "agent_capabilities": ["beside"], %s}
        """
            .formatted(
                system.url(),
                system.token(),
                transport.formatted("127.0.0.1:" + system.port("kafka"))));
    return new ProcessBuilder(Launcher.am("worker", "--config", config.toString()))
        .redirectErrorStream(true)
        .redirectOutput(
            transport.contains("pigeon")
                ? ProcessBuilder.Redirect.PIPE
                : ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private String submitAndEnd() {
    String steps =
        IntStream.range(0, 10)
            .mapToObj(
                i ->
                    "{\"step_id\": \"s%d\", \"task_description\": \"say %d\", \"assigned_agent\": \"beside\"}"
                        .formatted(i, i))
            .collect(Collectors.joining(","));
    String id =
        api.post(
                "/v1/tasks",
                "{\"description\": \"beside\", \"audit\": {\"mode\": \"none\"}, \"tasks\": ["
                    + steps
                    + "]}")
            .text("workflow_id");
    return api.awaitEnd(id).path("status").asString();
  }

  /** The partitions of which the group has acknowledged anything; a new group starts at the end. */
  private List<SharePartitionOffsetInfo> acknowledged() throws Exception {
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + system.port("kafka")))) {
      return admin
          .listShareGroupOffsets(Map.of(GROUP, new ListShareGroupOffsetsSpec()))
          .partitionsToOffsetInfo(GROUP)
          .get()
          .values()
          .stream()
          .filter(Objects::nonNull)
          .toList();
    }
  }
}
