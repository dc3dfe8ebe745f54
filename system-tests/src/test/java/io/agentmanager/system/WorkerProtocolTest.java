package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The workers' side of the wire, spoken by hand, beyond what {@link WorkerContract} demands. */
class WorkerProtocolTest {
  private final Api api = RunningSystem.split().api();

  @Test
  void noStepIsHandedOutTwiceWhenFilesAreTakenOnTheWay() {
    register("files-1", "files");
    String steps =
        IntStream.range(0, 4)
            .mapToObj(i -> step("n" + i, "files", ""))
            .collect(Collectors.joining(","));
    String id =
        submit(
            steps
                + ","
                + step("p", "files", ", \"file_dependencies\": [\"f\"]")
                + ","
                + step("q", "files", files("write"))
                + ","
                + step("r", "files", files("exclusive")));
    List<String> first = claim("files-1", "files", 10, 5);
    assertThat(first).doesNotHaveDuplicates().hasSize(5).contains("n0", "n1", "n2", "n3", "p");
    assertThat(claim("files-1", "files", 10, 0)).isEmpty();
    assertThat(post(id, "p", "files-1", 1, "read").status()).isEqualTo(200);
    assertThat(claim("files-1", "files", 10, 5)).containsExactly("q");
    assertThat(post(id, "q", "files-1", 1, "written").status()).isEqualTo(200);
    assertThat(claim("files-1", "files", 10, 5)).containsExactly("r");
  }

  @Test
  void aParkedClaimGetsAStepAsSoonAsItIsReadyAndTheUrgentOneFirst() {
    register("park-1", "park");
    submitWith(", \"priority\": 1", step("low", "park", ""));
    submitWith(", \"priority\": 9", step("high", "park", ""));
    Awaitility.await()
        .until(
            () ->
                api.get("/v1/workflows?limit=2")
                        .body()
                        .path("workflows")
                        .get(0)
                        .path("progress")
                        .path("ready")
                        .asInt()
                    == 1);
    assertThat(claim("park-1", "park", 1, 10)).containsExactly("high");
    assertThat(claim("park-1", "park", 1, 10)).containsExactly("low");
  }

  @Test
  void iterationsOfTheRunningAttemptAreKeptOnceAndLeftToTheNext() {
    register("iter-1", "iter");
    String id = submit(step("s", "iter", ""));
    assertThat(claim("iter-1", "iter", 1, 10)).containsExactly("s");
    String path = "/v1/workflows/" + id + "/steps/s/iterations";
    String report =
        "{\"client_id\": \"iter-1\", \"attempt\": 1, \"iterations\":"
            + " [{\"index\": 0, \"thought\": \"hm\", \"observation\": \"seen\"}]}";
    assertThat(api.post(path, report).status()).isEqualTo(202);
    assertThat(api.post(path, report).status()).isEqualTo(202);
    assertThat(api.post(path, report.replace("\"attempt\": 1", "\"attempt\": 2")).status())
        .isEqualTo(409);
    assertThat(
            api.history(id).stream()
                .filter(e -> e.path("type").asString().equals("step.iteration")))
        .hasSize(1);
    api.post(
        "/v1/results",
        "{\"workflow_id\": \""
            + id
            + "\", \"step_id\": \"s\", \"client_id\": \"iter-1\","
            + " \"attempt\": 1, \"status\": \"failed\", \"error\": {\"type\": \"oops\"}}");
    JsonNode task =
        api.get("/v1/tasks/ready?agent_id=iter-1&client_capabilities=iter&wait=20").body();
    assertThat(task.path("attempt").asInt()).isEqualTo(2);
    assertThat(task.path("previous_iterations").get(0).path("observation").asString())
        .isEqualTo("seen");
  }

  @Test
  void anAttemptThatPostsWithoutEndIsStoppedAndItsResultStillTaken() {
    register("endless-1", "endless");
    String id = submit(step("s", "endless", ""));
    assertThat(claim("endless-1", "endless", 1, 10)).containsExactly("s");
    for (int first = 0; first < 1_000; first += 100) {
      assertThat(postIterations(id, "endless-1", first, 100).status()).isEqualTo(202);
    }
    assertThat(postIterations(id, "endless-1", 900, 100).status()).as("again").isEqualTo(202);
    assertThat(postIterations(id, "endless-1", 1_000, 1).status()).isEqualTo(413);
    assertThat(post(id, "s", "endless-1", 1, "done").status()).isEqualTo(200);
  }

  @Test
  void aListLeavesOutTheAnswersThatAreTooLongForIt() {
    register("long-1", "long");
    String id = submit(step("s", "long", ""));
    assertThat(claim("long-1", "long", 1, 10)).containsExactly("s");
    String answer = "x".repeat(20_001);
    assertThat(post(id, "s", "long-1", 1, answer).status()).isEqualTo(200);
    assertThat(api.awaitEnd(id).path("result").asString()).isEqualTo(answer);
    assertThat(api.get("/v1/workflows?limit=200").body().toString())
        .contains(id)
        .doesNotContain(answer);
  }

  private Api.Answer postIterations(String id, String client, int first, int number) {
    String iterations =
        IntStream.range(first, first + number)
            .mapToObj("{\"index\": %d, \"thought\": \"t\"}"::formatted)
            .collect(Collectors.joining(","));
    return api.post(
        "/v1/workflows/" + id + "/steps/s/iterations",
        "{\"client_id\": \"%s\", \"attempt\": 1, \"iterations\": [%s]}"
            .formatted(client, iterations));
  }

  private void register(String worker, String capability) {
    Api.Answer terms =
        api.put("/v1/workers/" + worker, "{\"agent_capabilities\": [\"" + capability + "\"]}");
    assertThat(terms.status()).isEqualTo(200);
    assertThat(terms.body().path("lease_sec").asInt())
        .isEqualTo(3 * terms.body().path("heartbeat_interval_sec").asInt());
  }

  private String submit(String steps) {
    return submitWith("", steps);
  }

  private String submitWith(String rest, String steps) {
    Api.Answer created =
        api.post(
            "/v1/tasks",
            "{\"description\": \"by hand\", \"audit\": {\"mode\": \"none\"}"
                + rest
                + ", \"tasks\": ["
                + steps
                + "]}");
    assertThat(created.status()).as(created.body().toString()).isEqualTo(201);
    return created.text("workflow_id");
  }

  private List<String> claim(String worker, String capability, int max, int wait) {
    Api.Answer answer =
        api.post(
            "/v1/tasks/claims",
            "{\"agent_id\": \"%s\", \"client_capabilities\": [\"%s\"], \"max\": %d, \"wait_sec\": %d}"
                .formatted(worker, capability, max, wait));
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return ids(answer.body());
  }

  private Api.Answer post(String id, String step, String client, int attempt, String text) {
    return api.post("/v1/results", result(id, step, client, attempt, text));
  }

  private String status(String id) {
    return api.get("/v1/workflows/" + id).body().path("tasks").get(0).path("status").asString();
  }

  private static List<String> ids(JsonNode answer) {
    List<String> ids = new ArrayList<>();
    answer.path("tasks").forEach(task -> ids.add(task.path("step_id").asString()));
    return ids;
  }

  private static String result(String id, String step, String client, int attempt, String text) {
    return """
    {"workflow_id": "%s", "step_id": "%s", "client_id": "%s", "attempt": %d,
     "status": "completed", "ra_history": {"iterations": [], "final_result": "%s"}}
    """
        .formatted(id, step, client, attempt, text);
  }

  private static String step(String id, String capability, String rest) {
    return "{\"step_id\": \"%s\", \"task_description\": \"x\", \"assigned_agent\": \"%s\"%s}"
        .formatted(id, capability, rest);
  }

  private static String files(String access) {
    return ", \"file_dependencies\": [\"f\"], \"file_access_types\": {\"f\": \"" + access + "\"}";
  }
}
