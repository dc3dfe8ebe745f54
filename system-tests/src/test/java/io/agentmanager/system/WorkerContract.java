package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.json.WireJson;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/**
 * What a worker may rely on, spoken by hand. The real system and the test kit's server in memory
 * pass the same tests, so that whoever tests with the kit tests against the system.
 */
abstract class WorkerContract {
  private final String capability = "contract-" + UUID.randomUUID();
  final String worker = capability + "-worker";

  /** The side of the wire under test. */
  abstract Api api();

  /** Lets a second pass, where time does not pass by itself. */
  abstract void tick();

  /** Does what ends leases that no heartbeat keeps alive. */
  abstract void loseLeases();

  @Test
  void aClaimedStepBringsWhatItsAttemptNeeds() {
    register(worker, "one");
    String id = submit(step("s", ", \"input\": {\"a\": 1}, \"max_iterations\": 4"));
    JsonNode task = claim(worker, null);
    assertThat(task.path("workflow_id").asString()).isEqualTo(id);
    assertThat(task.path("attempt").asInt()).isEqualTo(1);
    assertThat(task.path("lease_sec").asInt()).isPositive();
    assertThat(task.path("input").path("a").asInt()).isEqualTo(1);
    assertThat(task.path("max_iterations").asInt()).isEqualTo(4);
    for (String list : List.of("rework_notes", "previous_iterations", "dependencies")) {
      assertThat(task.path(list).isArray()).as(list).isTrue();
    }
    assertThat(task.path("dependency_results").isObject()).isTrue();
    assertThat(task.path("dependency_results_truncated").asBoolean()).isFalse();
    assertThat(task.path("previous_result").isNull()).isTrue();
    assertThat(task.path("budget").has("max_tokens")).isTrue();
    assertThat(task.path("approval").isNull()).isTrue();
    assertThat(claimed(worker, null, 0)).isEmpty();
  }

  @Test
  void whoIsNotRegisteredIsTold() {
    assertThat(api().post("/v1/workers/" + worker + "/heartbeat", "{\"running\": []}").status())
        .isEqualTo(404);
    assertThat(api().post("/v1/tasks/claims", claimBody(worker, null, 0)).status()).isEqualTo(404);
  }

  @Test
  void aClaimThatIsRepeatedGetsTheSameSteps() {
    register(worker, "one");
    String unused = submit(step("s", ""));
    JsonNode first = claim(worker, "claim-1");
    JsonNode again = claim(worker, "claim-1");
    assertThat(again.path("step_id")).isEqualTo(first.path("step_id"));
    assertThat(again.path("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void aResultIsAcceptedOnce() {
    register(worker, "one");
    String id = submit(step("s", "") + "," + step("t", ", \"dependencies\": [\"s\"]"));
    assertThat(api().get(path(id, "s") + "/result").status()).isEqualTo(409);
    JsonNode task = claim(worker, null);
    assertThat(task.path("step_id").asString()).isEqualTo("s");
    assertThat(post(id, "s", 2, completed("x")).text("type")).endsWith("stale-attempt");
    Api.Answer accepted = post(id, "s", 1, completed("x"));
    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(200);
    assertThat(accepted.text("next_action")).isEqualTo("continue");
    assertThat(post(id, "s", 1, completed("x")).body()).isEqualTo(accepted.body());
    assertThat(post(id, "s", 1, completed("y")).text("type")).endsWith("result-conflict");
    JsonNode next = claim(worker, null);
    assertThat(next.path("dependency_results").path("s").asString()).isEqualTo("x");
    assertThat(api().get(path(id, "s") + "/result").text("final_result")).isEqualTo("x");
    assertThat(post(id, "t", 1, completed("z")).text("next_action")).isEqualTo("complete");
  }

  @Test
  void resultsOfABatchAreJudgedEachAlone() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode unused = claim(worker, null);
    String batch =
        "{\"results\": [%s, %s]}"
            .formatted(result(id, "none", 1, completed("x")), result(id, "s", 1, completed("x")));
    JsonNode answers = api().post("/v1/results/batch", batch).body().path("results");
    assertThat(answers.get(0).path("status").asInt()).isIn(404, 409);
    assertThat(answers.get(0).path("problem").path("type").asString()).startsWith("urn:");
    assertThat(answers.get(1).path("status").asInt()).isEqualTo(200);
  }

  @Test
  void aFailureThatMayBeMendedIsTriedAgainAndAnotherIsNot() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode unused = claim(worker, null);
    assertThat(post(id, "s", 1, failed(true)).status()).isEqualTo(200);
    assertThat(claim(worker, null).path("attempt").asInt()).isEqualTo(2);
    assertThat(post(id, "s", 2, failed(false)).text("workflow_status")).isEqualTo("FAILED");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aLostAttemptLeavesItsCheckpointAndItsResultIsRefused() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode unused = claim(worker, null);
    assertThat(
            iterations(
                    id,
                    1,
                    "{\"index\": 0, \"thought\": \"first\", \"observation\": \"seen\"},"
                        + "{\"index\": 1, \"action\": {\"tool\": \"send\", \"arguments\": {}}}")
                .status())
        .isEqualTo(202);
    // What is finished stays as it is, and what was announced is completed.
    assertThat(
            iterations(id, 1, "{\"index\": 0, \"thought\": \"other\", \"observation\": \"else\"}")
                .status())
        .isEqualTo(202);
    loseLeases();
    awaitStatus(id, "READY");
    assertThat(post(id, "s", 1, completed("late")).text("type")).endsWith("stale-attempt");
    assertThat(iterations(id, 1, "{\"index\": 2}").status()).isEqualTo(409);
    register(worker, "one");
    JsonNode next = claim(worker, null);
    assertThat(next.path("attempt").asInt()).isEqualTo(2);
    JsonNode checkpoint = next.path("previous_iterations");
    assertThat(checkpoint).hasSize(2);
    assertThat(checkpoint.get(0).path("thought").asString()).isEqualTo("first");
    assertThat(checkpoint.get(1).has("observation")).isFalse();
  }

  @Test
  void theCheckpointIsOfAllAttemptsSinceTheLastResult() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode first = claim(worker, null);
    assertThat(first.path("attempt").asInt()).isEqualTo(1);
    Api.Answer told =
        iterations(id, 1, "{\"index\": 0, \"thought\": \"a\", \"observation\": \"b\"}");
    assertThat(told.status()).isEqualTo(202);
    assertThat(post(id, "s", 1, failed(true)).status()).isEqualTo(200);
    JsonNode second = claim(worker, null);
    assertThat(second.path("previous_iterations")).hasSize(1);
    assertThat(post(id, "s", 2, failed(true)).status()).isEqualTo(200);
    assertThat(claim(worker, null).path("previous_iterations")).hasSize(1);
  }

  @Test
  void aHeartbeatKeepsWhatItListsAndGivesBackTheRest() {
    register(worker, "one");
    String id = submit(step("s", "") + "," + step("t", ""));
    JsonNode unused = claim(worker, null);
    JsonNode other = claim(worker, null);
    assertThat(other.path("step_id").asString()).isEqualTo("t");
    JsonNode answer = heartbeat(worker, id, "s", 1);
    assertThat(answer.path("lost")).isEmpty();
    assertThat(answer.path("cancelled")).isEmpty();
    // A claim that was answered just now may not be known to the heartbeat yet.
    Awaitility.await()
        .atMost(Duration.ofSeconds(8))
        .until(
            () -> {
              tick();
              assertThat(heartbeat(worker, id, "s", 1).path("lost")).isEmpty();
              return api().get("/v1/workflows/" + id).body().path("tasks").get(1);
            },
            step -> step.path("status").asString().equals("READY"));
    JsonNode back = claim(worker, null);
    assertThat(back.path("step_id").asString()).isEqualTo("t");
    assertThat(back.path("attempt").asInt()).isEqualTo(2);
    assertThat(heartbeat(worker, id, "s", 7).path("lost")).hasSize(1);
  }

  @Test
  void whoWorksForACancelledWorkflowLearnsItAtTheNextHeartbeat() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode unused = claim(worker, null);
    assertThat(api().post("/v1/workflows/" + id + "/cancel", "{}").status()).isEqualTo(202);
    JsonNode answer = heartbeat(worker, id, "s", 1);
    assertThat(answer.path("cancelled").get(0).path("step_id").asString()).isEqualTo("s");
    assertThat(post(id, "s", 1, completed("x")).status()).isEqualTo(409);
  }

  @Test
  void anotherProcessUnderTheNameTakesOver() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode unused = claim(worker, null);
    register(worker, "two");
    awaitStatus(id, "READY");
    assertThat(claim(worker, null).path("attempt").asInt()).isEqualTo(2);
  }

  @Test
  void whoLeavesGivesBackWhatItHolds() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode unused = claim(worker, null);
    assertThat(api().send("DELETE", "/v1/workers/" + worker, null).status()).isEqualTo(204);
    awaitStatus(id, "READY");
  }

  @Test
  void aLockIsTheSameAgainForWhoHoldsItAndFallsWithItsAttempt() {
    register(worker, "one");
    String id = submit(step("s", "") + "," + step("t", ""));
    JsonNode unused = claim(worker, null);
    JsonNode second = claim(worker, null);
    assertThat(second.path("step_id").asString()).isEqualTo("t");
    Api.Answer first = lock(id, "s");
    assertThat(first.status()).isEqualTo(201);
    assertThat(WireJson.mapper().treeToValue(first.body(), LockAnswer.class).expiresAt())
        .isAfter(Instant.EPOCH);
    assertThat(lock(id, "s").text("lock_id")).isEqualTo(first.text("lock_id"));
    assertThat(lock(id, "t").text("type")).endsWith("file-locked");
    assertThat(post(id, "s", 1, completed("x")).status()).isEqualTo(200);
    assertThat(lock(id, "t").status()).isEqualTo(201);
  }

  @Test
  void aStepThatAsksAPersonWaitsWithoutAWorkerAndGoesOnFromItsCheckpoint() {
    register(worker, "one");
    String id = submit(step("s", ""));
    assertThat(decide(id, "approve").status()).as("nothing is asked yet").isEqualTo(409);
    JsonNode unused = claim(worker, null);
    assertThat(
            iterations(id, 1, "{\"index\": 0, \"thought\": \"look\", \"observation\": \"seen\"}")
                .status())
        .isEqualTo(202);
    String asking = ", \"status\": \"awaiting_approval\", \"approval\": {\"tool\": \"pay\"}";
    Api.Answer asked = post(id, "s", 1, asking);
    assertThat(asked.status()).as(asked.toString()).isEqualTo(200);
    assertThat(post(id, "s", 1, asking).body()).isEqualTo(asked.body());
    JsonNode step = awaitStatus(id, "AWAITING_APPROVAL");
    assertThat(step.path("approval").path("asked").path("tool").asString()).isEqualTo("pay");
    assertThat(claimed(worker, null, 0)).as("nobody can claim it").isEmpty();
    assertThat(heartbeat(worker, id, "s", 1).path("lost")).as("nobody holds it").hasSize(1);

    String another = "{\"decision\": \"approve\", \"attempt\": 7}";
    assertThat(api().post(path(id, "s") + "/approval", another).status())
        .as("an answer to another question")
        .isEqualTo(409);
    Api.Answer approved = decide(id, "approve");
    assertThat(approved.status()).as(approved.toString()).isEqualTo(200);
    assertThat(decide(id, "approve").status()).as("the same once more").isEqualTo(200);
    assertThat(decide(id, "reject").status()).isEqualTo(409);
    JsonNode next = claim(worker, null);
    assertThat(next.path("attempt").asInt()).isEqualTo(2);
    assertThat(next.path("approval").path("decision").asString()).isEqualTo("approve");
    assertThat(next.path("approval").path("comment").asString()).isEqualTo("seen by ann");
    assertThat(next.path("previous_iterations")).hasSize(1);
    assertThat(post(id, "s", 2, completed("paid")).status()).isEqualTo(200);
  }

  @Test
  void aStepWhoseQuestionIsRejectedFails() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode unused = claim(worker, null);
    String asking = ", \"status\": \"awaiting_approval\", \"approval\": {\"tool\": \"pay\"}";
    assertThat(post(id, "s", 1, asking).status()).isEqualTo(200);
    assertThat(decide(id, "perhaps").status()).isIn(400, 422);
    assertThat(decide(id, "reject").text("status")).isEqualTo("FAILED");
    assertThat(api().get("/v1/workflows/" + id).text("status")).isEqualTo("FAILED");
  }

  @Test
  void attemptsSideBySideAreNotPromisedTheSameMoney() {
    register(worker, "one");
    String id = submit(step("s", "") + "," + step("t", ""), "{\"max_tokens\": 1000}");
    JsonNode first = claim(worker, null);
    assertThat(budget(first)).isEqualTo(500);
    assertThat(first.path("budget").path("max_cost_usd").isNull()).as("no limit").isTrue();
    assertThat(budget(claim(worker, null))).isEqualTo(500);
    // The first one spends its share and fails; the other's is promised still.
    assertThat(iterations(id, 1, used(500)).status()).isEqualTo(202);
    assertThat(post(id, "s", 1, failed(true)).status()).isEqualTo(200);
    assertThat(budget(claim(worker, "once"))).isZero();
    assertThat(budget(claim(worker, "once"))).as("a repeated claim").isZero();
    assertThat(post(id, "t", 1, completed("for nothing")).status()).isEqualTo(200);
    assertThat(post(id, "s", 2, failed(true)).status()).isEqualTo(200);
    assertThat(budget(claim(worker, null))).as("what the other left").isEqualTo(500);
  }

  @Test
  void anAbsentLimitIsNoLimit() {
    register(worker, "one");
    String unused = submit(step("s", ""), "{\"max_cost_usd\": 2.0}");
    JsonNode budget = claim(worker, null).path("budget");
    assertThat(budget.path("max_cost_usd").asDouble()).isEqualTo(2.0);
    assertThat(budget.path("max_tokens").isNull()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whoTookANameOverAndFellSilentGivesItBack() {
    register(worker, "one");
    register(worker, "two");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              tick();
              return api()
                  .post(
                      "/v1/workers/" + worker + "/heartbeat",
                      "{\"running\": [], \"instance_id\": \"one\"}")
                  .status();
            },
            status -> {
              assertThat(status).isIn(404, 409);
              return status == 404;
            });
  }

  @Test
  void whatAnAttemptSpentThatWasGivenBackIsSpent() {
    register(worker, "one");
    String id = submit(step("s", ""), "{\"max_tokens\": 1000, \"max_cost_usd\": 1.0}");
    assertThat(budget(claim(worker, null))).isEqualTo(1000);
    assertThat(iterations(id, 1, used(300)).status()).isEqualTo(202);
    assertThat(api().send("DELETE", "/v1/workers/" + worker, null).status()).isEqualTo(204);
    awaitStatus(id, "READY");
    register(worker, "one");
    JsonNode again = claim(worker, null);
    assertThat(budget(again)).isEqualTo(700);
    assertThat(again.path("budget").path("max_cost_usd").asDouble()).isEqualTo(0.75);
    JsonNode usage = api().get("/v1/workflows/" + id).body().path("usage");
    assertThat(usage.path("input_tokens").asInt() + usage.path("output_tokens").asInt())
        .isEqualTo(300);
  }

  @Test
  void aFileThatAStepDeclaresIsNobodyElsesWhileItRuns() {
    register(worker, "one");
    String file =
        ", \"file_dependencies\": [\"%s.md\"], \"file_access_types\": {\"%s.md\": \"write\"}"
            .formatted(capability, capability);
    String id = submit(step("s", file) + "," + step("t", file) + "," + step("u", ""));
    assertThat(claim(worker, null).path("step_id").asString()).isEqualTo("s");
    assertThat(claim(worker, null).path("step_id").asString()).isEqualTo("u");
    assertThat(claimed(worker, null, 0)).as("its file is taken").isEmpty();
    assertThat(lock(id, "u").text("type")).endsWith("file-locked");
    assertThat(post(id, "s", 1, completed("x")).status()).isEqualTo(200);
    assertThat(claim(worker, null).path("step_id").asString()).isEqualTo("t");
  }

  @Test
  void resultsThatAreTooLargeForTheClaimAreAskedFor() {
    register(worker, "one");
    String id =
        submit(
            step("s", "")
                + ","
                + step("t", "")
                + ","
                + step("u", ", \"dependencies\": [\"s\", \"t\"]"));
    for (String step : List.of("s", "t")) {
      assertThat(claim(worker, null).path("step_id").asString()).isEqualTo(step);
      assertThat(post(id, step, 1, completed(step.repeat(700_000))).status()).isEqualTo(200);
    }
    JsonNode task = claim(worker, null);
    assertThat(task.path("dependency_results_truncated").asBoolean()).isTrue();
    assertThat(task.path("dependency_results").propertyNames()).containsExactly("s");
    assertThat(api().get(path(id, "t") + "/result").text("final_result")).hasSize(700_000);
  }

  @Test
  void whoseNameWasTakenOverIsToldAndTakesNothingAway() {
    register(worker, "one");
    String id = submit(step("s", ""));
    register(worker, "two");
    JsonNode task = claim(worker, null);
    assertThat(task.path("attempt").asInt()).isEqualTo(1);
    Api.Answer late =
        api()
            .post(
                "/v1/workers/" + worker + "/heartbeat",
                "{\"running\": [], \"instance_id\": \"one\"}");
    assertThat(late.status()).as(late.toString()).isEqualTo(409);
    assertThat(late.text("detail")).contains("Another process has registered as " + worker);
    assertThat(leave("one").status()).isEqualTo(409);
    assertThat(heartbeat(worker, id, "s", 1).path("lost")).isEmpty();
    assertThat(leave("two").status()).isEqualTo(204);
    awaitStatus(id, "READY");
    assertThat(
            api()
                .post(
                    "/v1/workers/" + worker + "/heartbeat",
                    "{\"running\": [], \"instance_id\": \"one\"}")
                .status())
        .as("the name is free again")
        .isEqualTo(404);
  }

  private Api.Answer leave(String instance) {
    return api().send("DELETE", "/v1/workers/" + worker + "?instance_id=" + instance, null);
  }

  private static long budget(JsonNode task) {
    return task.path("budget").path("max_tokens").asLong();
  }

  /** An iteration of a model that used so many tokens, for a quarter of a dollar. */
  private static String used(int tokens) {
    return ("{\"index\": 0, \"thought\": \"t\", \"observation\": \"o\","
            + " \"usage\": {\"input_tokens\": %d, \"output_tokens\": 100, \"cost_usd\": 0.25}}")
        .formatted(tokens - 100);
  }

  void register(String name, String instance) {
    Api.Answer answer =
        api()
            .put(
                "/v1/workers/" + name,
                json(
                    Map.of(
                        "agent_capabilities",
                        List.of(capability),
                        "max_parallel_tasks",
                        4,
                        "instance_id",
                        instance)));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.body().path("lease_sec").asInt()).isPositive();
  }

  String submit(String steps) {
    return submit(steps, "{}");
  }

  private String submit(String steps, String budget) {
    Api.Answer answer =
        api()
            .post(
                "/v1/tasks",
                "{\"description\": \"contract\", \"audit\": {\"mode\": \"none\"}, \"budget\": "
                    + budget
                    + ", \"tasks\": ["
                    + steps
                    + "]}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    return answer.text("workflow_id");
  }

  String step(String id, String more) {
    return "{\"step_id\": \"%s\", \"task_description\": \"x\", \"assigned_agent\": \"%s\"%s}"
        .formatted(id, capability, more);
  }

  JsonNode claim(String name, String claimId) {
    List<JsonNode> tasks = claimed(name, claimId, 20);
    assertThat(tasks).hasSize(1);
    return tasks.getFirst();
  }

  private List<JsonNode> claimed(String name, String claimId, int wait) {
    Api.Answer answer = api().post("/v1/tasks/claims", claimBody(name, claimId, wait));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return StreamSupport.stream(answer.body().path("tasks").spliterator(), false).toList();
  }

  private String claimBody(String name, String claimId, int wait) {
    return "{\"agent_id\": \"%s\", \"client_capabilities\": [\"%s\"], \"max\": 1, \"wait_sec\": %d%s}"
        .formatted(
            name, capability, wait, claimId == null ? "" : ", \"claim_id\": \"" + claimId + "\"");
  }

  private JsonNode heartbeat(String name, String workflow, String step, int attempt) {
    String running =
        "{\"workflow_id\": \"%s\", \"step_id\": \"%s\", \"attempt\": %d}"
            .formatted(workflow, step, attempt);
    Api.Answer answer =
        api().post("/v1/workers/" + name + "/heartbeat", "{\"running\": [" + running + "]}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return answer.body();
  }

  Api.Answer iterations(String workflow, int attempt, String iterations) {
    return api()
        .post(
            path(workflow, "s") + "/iterations",
            "{\"client_id\": \"%s\", \"attempt\": %d, \"iterations\": [%s]}"
                .formatted(worker, attempt, iterations));
  }

  Api.Answer post(String workflow, String step, int attempt, String rest) {
    return api().post("/v1/results", result(workflow, step, attempt, rest));
  }

  private String result(String workflow, String step, int attempt, String rest) {
    return "{\"workflow_id\": \"%s\", \"step_id\": \"%s\", \"client_id\": \"%s\", \"attempt\": %d%s}"
        .formatted(workflow, step, worker, attempt, rest);
  }

  private static String completed(String text) {
    return ", \"status\": \"completed\", \"ra_history\": {\"final_result\": \"" + text + "\"}";
  }

  static String failed(boolean retryable) {
    return ", \"status\": \"failed\", \"error\": {\"type\": \"boom\", \"retryable\": "
        + retryable
        + "}";
  }

  private Api.Answer lock(String workflow, String step) {
    return api()
        .post(
            "/v1/locks",
            json(
                Map.of(
                    "client_id",
                    worker,
                    "workflow_id",
                    workflow,
                    "step_id",
                    step,
                    "attempt",
                    1,
                    "file_path",
                    capability + ".md",
                    "access_type",
                    "write")));
  }

  private Api.Answer decide(String workflow, String decision) {
    return api()
        .post(
            path(workflow, "s") + "/approval",
            json(Map.of("decision", decision, "comment", "seen by ann")));
  }

  private JsonNode awaitStatus(String workflow, String status) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> api().get("/v1/workflows/" + workflow).body().path("tasks").get(0),
            step -> step.path("status").asString().equals(status));
  }

  private static String path(String workflow, String step) {
    return "/v1/workflows/" + workflow + "/steps/" + step;
  }

  private static String json(Object body) {
    return WireJson.mapper().writeValueAsString(body);
  }
}
