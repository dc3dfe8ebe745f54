package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/**
 * Databases are backed up one after the other while work goes on, and put back where there is no
 * topic any more, as docs/operations.md says. They disagree then by what happened in between.
 */
@Tag("faults")
class BackupTest {
  private static final String TWO_STEPS =
      """
      {"description": "%1$s", "tasks": [
        {"step_id": "before", "task_description": "x", "assigned_agent": "%2$s"},
        {"step_id": "after", "task_description": "x", "assigned_agent": "%3$s",
         "dependencies": ["before"]}]}
      """;

  /** The order that docs/operations.md prescribes. */
  @Test
  void whatOnlyTheTaskServiceKnowsOfGoesOnAfterTheRestore() throws Exception {
    whatWasAcceptedGoesOn(List.of("gateway", "audit", "planner", "task"));
  }

  @Test
  void whatOnlyThePlannerKnowsOfGoesOnAfterTheRestore() throws Exception {
    whatWasAcceptedGoesOn(List.of("gateway", "audit", "task", "planner"));
  }

  @Test
  void aStackOnOneMachineIsItsFolder() throws Exception {
    String ended;
    String open;
    Path copy = Files.createTempDirectory("am-system-test").resolve("copy");
    RunningSystem system = RunningSystem.start(List.of("--no-worker"), Map.of());
    try (system;
        Worker worker = worker(system, "early")) {
      ended = submit(system, "ended", "early", "early");
      system.api().awaitEnd(ended);
      open = submit(system, "open", "early", "late");
    }
    FileSystemUtils.copyRecursively(system.data(), copy);
    FileSystemUtils.deleteRecursively(system.data());
    try (RunningSystem moved = system.movedTo(copy);
        Worker first = worker(moved, "early");
        Worker second = worker(moved, "late")) {
      assertThat(moved.api().get("/v1/workflows/" + ended).text("status")).isEqualTo("COMPLETED");
      assertThat(moved.api().awaitEnd(open).path("status").asString()).isEqualTo("COMPLETED");
    }
  }

  private static void whatWasAcceptedGoesOn(List<String> order) throws Exception {
    Map<String, DatabaseCopy> backup = new LinkedHashMap<>();
    String ended;
    String begun;
    String between = "";
    String held;
    JsonNode result;
    try (RunningSystem system = RunningSystem.start(List.of("--no-worker"), Map.of())) {
      try (Worker worker = worker(system, "early")) {
        ended = submit(system, "ended", "early", "early");
        result = system.api().awaitEnd(ended).path("result");
        begun = submit(system, "begun", "early", "late");
        Awaitility.await().until(() -> completed(system, begun) == 1);
      }
      held = submit(system, "held", "held", "late");
      Api.Answer claim =
          system.api().get("/v1/tasks/ready?agent_id=gone&client_capabilities=held&wait=10");
      assertThat(claim.text("workflow_id")).isEqualTo(held);
      String before = checkpoint(system);
      for (String database : order) {
        backup.put(database, DatabaseCopy.of(url(system, database)));
        if (between.isEmpty() && backup.containsKey("planner") != backup.containsKey("task")) {
          between = submit(system, "between", "late", "late");
          String id = between;
          Awaitility.await().until(() -> system.api().get("/v1/workflows/" + id).status() == 200);
        }
      }
      int last = head(system).path("seq").asInt();
      String lost = submit(system, "after the backup", "late", "late");
      Awaitility.await().until(() -> head(system).path("seq").asInt() > last);
      String after = checkpoint(system);
      system.down();
      restore(system, backup);
      system.up();
      assertThat(verify(system, before).path("faults").toString()).isEqualTo("[]");
      assertThat(verify(system, after).path("faults").toString())
          .as("what the restore took away")
          .contains("truncated");
      assertThat(system.api().get("/v1/workflows/" + lost).status()).isEqualTo(404);
      assertThat(system.api().get("/v1/workflows/" + ended).body().path("result"))
          .isEqualTo(result);
      try (Worker late = worker(system, "late");
          Worker again = worker(system, "held")) {
        String fresh = submit(system, "fresh", "late", "late");
        for (String id : List.of(begun, held, between, fresh)) {
          assertThat(system.api().awaitEnd(id).path("status").asString())
              .as(id)
              .isEqualTo("COMPLETED");
        }
      }
    }
  }

  /** Puts the rows back, and takes all topics away. */
  private static void restore(RunningSystem system, Map<String, DatabaseCopy> backup)
      throws Exception {
    FileSystemUtils.deleteRecursively(system.data().resolve("kafka"));
    try (EmbeddedPostgreSql server =
        EmbeddedPostgreSql.start(system.data().resolve("postgres"), system.port("postgres"))) {
      for (Map.Entry<String, DatabaseCopy> copy : backup.entrySet()) {
        copy.getValue().restore(server.database(copy.getKey()));
      }
    }
  }

  private static JsonNode head(RunningSystem system) {
    return system.api().get("/v1/trail/checkpoint").body();
  }

  /** Entries are chained a moment after the calls that they tell of. */
  private static String checkpoint(RunningSystem system) {
    return Awaitility.await()
        .until(() -> head(system).path("checkpoint").asString(""), head -> !head.isEmpty());
  }

  private static JsonNode verify(RunningSystem system, String checkpoint) {
    Api.Answer answer =
        system.api().post("/v1/trail/verify", "{\"checkpoint\": \"" + checkpoint + "\"}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return answer.body();
  }

  private static String url(RunningSystem system, String database) {
    return EmbeddedPostgreSql.jdbcUrl(system.port("postgres"), database);
  }

  private static String submit(
      RunningSystem system, String description, String first, String second) {
    return system
        .api()
        .post("/v1/tasks", TWO_STEPS.formatted(description, first, second))
        .text("workflow_id");
  }

  private static int completed(RunningSystem system, String id) {
    JsonNode workflow = system.api().get("/v1/workflows/" + id).body();
    return workflow.path("progress").path("completed").asInt();
  }

  private static Worker worker(RunningSystem system, String capability) {
    WorkerConfig config =
        WorkerConfig.of(
            "backup-" + capability, system.url(), system.token(), 2, List.of(capability));
    return Worker.builder(config)
        .handler(capability, step -> Outcome.completed(capability))
        .start();
  }
}
