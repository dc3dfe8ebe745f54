package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One POST becomes an audited answer, with every service in a process of its own. */
class PipelineTest {
  private final RunningSystem system = RunningSystem.split();
  private final Api api = system.api();

  @Test
  void parallelStepsAreAuditedReworkedAndSynthesised() {
    try (Worker worker = worker("pipeline", PipelineTest::readOrCombine)) {
      String id =
          submit(
              """
              {"description": "combine two sources",
               "tasks": [
                 {"step_id": "left", "task_description": "read left", "assigned_agent": "pipeline",
                  "checks": {"must_cite": ["left.txt"]}},
                 {"step_id": "right", "task_description": "read right", "assigned_agent": "pipeline",
                  "checks": {"must_cite": ["right.txt", "more.txt"]}},
                 {"step_id": "both", "task_description": "combine", "assigned_agent": "pipeline",
                  "dependencies": ["left", "right"], "checks": {"min_length": 10}}]}
              """);
      JsonNode workflow = api.awaitEnd(id);
      assertThat(workflow.path("status").asString()).isEqualTo("COMPLETED");
      assertThat(workflow.path("rework_cycle").asInt()).isEqualTo(1);
      assertThat(workflow.path("result").asString()).contains("[more.txt]", "[left.txt]");

      JsonNode audits = api.get("/v1/workflows/" + id + "/audits").body();
      assertThat(audits).hasSize(2);
      assertThat(audits.get(0).path("is_successful").asBoolean()).isFalse();
      assertThat(audits.get(0).path("rework_suggestions").get(0).path("step_id").asString())
          .isEqualTo("right");
      assertThat(audits.get(1).path("is_successful").asBoolean()).isTrue();

      assertThat(attempts(workflow)).containsEntry("left", 1).containsEntry("right", 2);
      assertThat(attempts(workflow)).containsEntry("both", 2);
      assertNoStepBeganBeforeItsDependencies(id, workflow);
      assertEachAttemptHasOneResult(id, workflow);

      JsonNode result = api.get("/v1/workflows/" + id + "/result").body();
      assertThat(result.path("sources").get(0).asString()).isEqualTo("both");
    }
  }

  @Test
  void reworkCyclesThatAreUsedUpFailTheWorkflowWithItsReports() {
    try (Worker worker = worker("stubborn", step -> Outcome.completed("never what is asked"))) {
      String id =
          submit(
              """
              {"description": "impossible", "audit": {"mode": "rules", "max_rework_cycles": 1},
               "tasks": [{"step_id": "only", "task_description": "x", "assigned_agent": "stubborn",
                          "checks": {"pattern": "^[0-9]+$"}}]}
              """);
      JsonNode workflow = api.awaitEnd(id);
      assertThat(workflow.path("status").asString()).isEqualTo("FAILED");
      assertThat(workflow.path("error").path("type").asString()).isEqualTo("audit_failed");
      assertThat(workflow.path("error").path("message").asString()).contains("pattern");
      assertThat(api.get("/v1/workflows/" + id + "/audits").body()).hasSize(2);
    }
  }

  @Test
  void aGoalWithoutAPlanIsPlannedFromItsStructure() {
    try (Worker worker = worker("researcher", step -> Outcome.completed(step.task().stepId()))) {
      Api.Answer accepted =
          api.post(
              "/v1/tasks",
              """
              {"description": "Look at:\\n- the first\\n- the second\\nThen tell which one", "audit": {"mode": "none"}}
              """,
              "Prefer",
              "wait=15");
      assertThat(accepted.status()).isEqualTo(201);
      assertThat(accepted.body().path("total_tasks").asInt()).isEqualTo(3);
      JsonNode workflow = api.awaitEnd(accepted.text("workflow_id"));
      assertThat(workflow.path("status").asString()).isEqualTo("COMPLETED");
      assertThat(workflow.path("result").asString()).isEqualTo("finish");
    }
  }

  @Test
  void theLiveStreamResumesWhereItBrokeAndIsOverAfterTheEnd() {
    try (Worker worker = worker("streamed", step -> Outcome.completed("ok"))) {
      String id =
          submit(
              """
              {"description": "watched", "audit": {"mode": "none"}, "tasks": [
                {"step_id": "one", "task_description": "x", "assigned_agent": "streamed"},
                {"step_id": "two", "task_description": "x", "assigned_agent": "streamed",
                 "dependencies": ["one"]}]}
              """);
      List<Long> live = ids(api.stream("/v1/workflows/" + id + "/events").body().toList());
      List<Long> stored = api.history(id).stream().map(e -> e.path("seq").asLong()).toList();
      assertThat(live).isEqualTo(stored).isSorted();
      long middle = stored.get(2);
      List<Long> rest =
          ids(
              api.stream("/v1/workflows/" + id + "/events", "Last-Event-ID", "" + middle)
                  .body()
                  .toList());
      assertThat(rest).isEqualTo(stored.subList(3, stored.size()));
      var over =
          api.stream("/v1/workflows/" + id + "/events", "Last-Event-ID", "" + stored.getLast());
      assertThat(over.statusCode()).isEqualTo(204);
    }
  }

  @Test
  void anIdempotencyKeyGetsTheSameAnswerAndNoOtherBody() {
    String body =
        """
        {"description": "once", "tasks": [
          {"step_id": "s", "task_description": "x", "assigned_agent": "nobody"}]}
        """;
    String key = UUID.randomUUID().toString();
    Api.Answer first = api.post("/v1/tasks", body, "Idempotency-Key", key);
    Api.Answer again = api.post("/v1/tasks", body, "Idempotency-Key", key);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.status()).isEqualTo(first.status()).isEqualTo(201);
    Api.Answer other = api.post("/v1/tasks", body.replace("once", "twice"), "Idempotency-Key", key);
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.text("type")).endsWith("idempotency-key-reused");
  }

  @Test
  void aCancelledWorkflowTellsItsWorkerAndTakesNoResult() {
    api.put("/v1/workers/slow-1", "{\"agent_capabilities\": [\"slow\"]}");
    String id =
        submit(
            """
            {"description": "to be cancelled", "tasks": [
              {"step_id": "s", "task_description": "x", "assigned_agent": "slow"}]}
            """);
    JsonNode task =
        api.get("/v1/tasks/ready?agent_id=slow-1&client_capabilities=slow&wait=20").body();
    assertThat(task.path("workflow_id").asString()).isEqualTo(id);
    assertThat(api.post("/v1/workflows/" + id + "/cancel", "{\"reason\": \"enough\"}").status())
        .isEqualTo(202);
    assertThat(api.post("/v1/workflows/" + id + "/cancel", "{}").status()).isEqualTo(202);
    JsonNode beat =
        api.post(
                "/v1/workers/slow-1/heartbeat",
                "{\"running\": [{\"workflow_id\": \"%s\", \"step_id\": \"s\", \"attempt\": 1}]}"
                    .formatted(id))
            .body();
    assertThat(beat.path("cancelled")).hasSize(1);
    assertThat(beat.path("lost")).isEmpty();
    Api.Answer late = api.post("/v1/results", result(id, "s", "slow-1", 1, "too late"));
    assertThat(late.status()).isEqualTo(409);
    assertThat(api.get("/v1/workflows/" + id).text("status")).isEqualTo("CANCELLED");
  }

  @Test
  void anOutsideWorkerInAnotherProcessWorksAlongside() throws Exception {
    Path folder = Files.createTempDirectory("am-outside");
    Files.writeString(
        folder.resolve("facts.md"), "The outside worker has read this very sentence.");
    Path config = folder.resolve("mcp_client_config.json");
    Files.writeString(
        config,
        """
        {"client_agent_id": "outside_001", "server_url": "%s", "auth_token": "${OUTSIDE_TOKEN}",
         "polling_interval_sec": 5, "max_parallel_tasks": 2, "agent_capabilities": ["outsider"],
         "workspace": "%s"}
        """
            .formatted(system.url(), folder));
    ProcessBuilder builder =
        new ProcessBuilder(
                Launcher.am(
                    "worker",
                    "--config",
                    config.toString(),
                    "--alive-file",
                    folder.resolve("alive").toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("worker.log").toFile());
    builder.environment().put("OUTSIDE_TOKEN", system.token());
    Process process = builder.start();
    try (Worker inside = worker("insider", step -> Outcome.completed("from inside"))) {
      String id =
          submit(
              """
              {"description": "two workers", "tasks": [
                {"step_id": "out", "task_description": "Extract what facts.md says.",
                 "assigned_agent": "outsider", "checks": {"must_cite": ["facts.md"]}},
                {"step_id": "in", "task_description": "x", "assigned_agent": "insider"}]}
              """);
      JsonNode workflow = api.awaitEnd(id);
      assertThat(workflow.path("status").asString()).isEqualTo("COMPLETED");
      assertThat(workflow.path("result").asString())
          .contains("this very sentence", "[facts.md]", "from inside");
      assertThat(workflow.path("tasks").get(0).path("client_id").asString())
          .isEqualTo("outside_001");
      assertThat(folder.resolve("alive")).exists();
    } finally {
      process.destroy();
      assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Worker worker(String capability, io.agentmanager.worker.StepHandler handler) {
    WorkerConfig config =
        WorkerConfig.of("test-" + capability, system.url(), system.token(), 4, List.of(capability));
    return Worker.builder(config).handler(capability, handler).start();
  }

  /** Reads what its task or an audit's notes name, and cites it; or combines what it was given. */
  private static Outcome readOrCombine(StepContext step) throws IOException {
    if (!step.task().dependencyResults().isEmpty()) {
      return Outcome.completed(String.join("\n", step.task().dependencyResults().values()));
    }
    List<String> sources = new ArrayList<>(List.of(step.task().stepId() + ".txt"));
    if (String.join(" ", step.task().reworkNotes()).contains("[more.txt]")) {
      sources.add("more.txt");
    }
    StringBuilder answer = new StringBuilder();
    for (int i = 0; i < sources.size(); i++) {
      String text = "words of " + sources.get(i);
      step.record(
          new Iteration(
              i,
              "read it",
              new Iteration.Action(
                  "read_file", WireJson.mapper().valueToTree(Map.of("path", sources.get(i)))),
              text,
              null,
              null,
              1L));
      answer.append("\"%s\" [%s]%n".formatted(text, sources.get(i)));
    }
    return Outcome.completed(answer.toString());
  }

  private String submit(String body) {
    Api.Answer created = api.post("/v1/tasks", body);
    assertThat(created.status()).as(created.body().toString()).isEqualTo(201);
    assertThat(created.headers().firstValue("Location"))
        .hasValue("/v1/workflows/" + created.text("workflow_id"));
    assertThat(api.get("/v1/workflows/" + created.text("workflow_id")).status()).isEqualTo(200);
    return created.text("workflow_id");
  }

  private static String result(String id, String step, String client, int attempt, String text) {
    return """
    {"workflow_id": "%s", "step_id": "%s", "client_id": "%s", "attempt": %d,
     "status": "completed", "ra_history": {"iterations": [], "final_result": "%s"}}
    """
        .formatted(id, step, client, attempt, text);
  }

  private static Map<String, Integer> attempts(JsonNode workflow) {
    Map<String, Integer> attempts = new HashMap<>();
    workflow
        .path("tasks")
        .forEach(t -> attempts.put(t.path("step_id").asString(), t.path("attempt").asInt()));
    return attempts;
  }

  /** Replays the journal: at each claim, every dependency must stand completed. */
  private void assertNoStepBeganBeforeItsDependencies(String id, JsonNode workflow) {
    Map<String, Set<String>> needs = new HashMap<>();
    for (JsonNode task : workflow.path("tasks")) {
      Set<String> all = new HashSet<>();
      task.path("dependencies").forEach(d -> all.add(d.asString()));
      needs.put(task.path("step_id").asString(), all);
    }
    Set<String> completed = new HashSet<>();
    int claims = 0;
    for (JsonNode event : api.history(id)) {
      String step = event.path("step_id").asString("");
      switch (event.path("type").asString()) {
        case "step.completed" -> completed.add(step);
        case "step.sent_back" -> completed.remove(step);
        case "step.claimed" -> {
          claims++;
          assertThat(completed).as("before " + event).containsAll(needs.get(step));
        }
        default -> {}
      }
    }
    assertThat(claims).isEqualTo(5);
  }

  private void assertEachAttemptHasOneResult(String id, JsonNode workflow) {
    for (JsonNode task : workflow.path("tasks")) {
      String step = task.path("step_id").asString();
      JsonNode results =
          api.get("/v1/workflows/" + id + "/steps/" + step + "/results").body().path("results");
      List<Integer> attempts = new ArrayList<>();
      results.forEach(r -> attempts.add(r.path("attempt").asInt()));
      assertThat(attempts).doesNotHaveDuplicates().hasSize(task.path("attempt").asInt());
      long completions =
          api.history(id).stream()
              .filter(e -> e.path("type").asString().equals("step.completed"))
              .filter(e -> e.path("step_id").asString("").equals(step))
              .count();
      assertThat(completions).isEqualTo(attempts.size());
    }
  }

  private static List<Long> ids(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("id:"))
        .map(line -> Long.parseLong(line.substring(3).strip()))
        .toList();
  }
}
