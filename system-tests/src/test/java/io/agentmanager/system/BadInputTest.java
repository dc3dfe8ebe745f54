package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What is wrong gets the documented problem and changes nothing; the next good request works. */
class BadInputTest {
  private static final String STEP =
      "{\"step_id\": \"%s\", \"task_description\": \"x\", \"assigned_agent\": \"nobody\"%s}";
  private final Api api = RunningSystem.split().api();

  @Test
  @Timeout(20)
  void aBodyWithLongNamesAroundVeryManyValuesKeepsNobodyWaiting() {
    String name = "{\"" + "n".repeat(4_000) + "\":";
    String deep = name.repeat(80) + "[0" + ",0".repeat(2_000_000) + "]" + "}".repeat(80);
    String smile = "\\uD83D\\uDE00";
    assertThat(api.post("/v1/results/batch", "{\"results\":[" + deep + "]}").status())
        .isEqualTo(200);
    String claim = "{\"agent_id\":\"" + smile + "\",\"other\":" + deep + "}";
    assertThat(api.post("/v1/tasks/claims", claim).status()).isEqualTo(422);
  }

  static Stream<Arguments> submissions() {
    return Stream.of(
        bad("no JSON", "{", 400, ""),
        bad("an empty body", "", 400, ""),
        bad("an array", "[]", 422, ""),
        bad("no description", "{}", 422, "/description"),
        bad("a blank description", "{\"description\": \" \"}", 422, "/description"),
        bad("a long description", goal("a".repeat(32_001), ""), 422, "/description"),
        bad("a number as description", "{\"description\": 7}", 422, "/description"),
        bad("an unknown field", goal("x", ", \"colour\": 1"), 422, "/colour"),
        bad("a duplicate field", "{\"description\": \"a\", \"description\": \"b\"}", 400, ""),
        bad("U+0000", "{\"description\": \"a\\u0000b\"}", 422, "/description"),
        bad("a high priority", goal("x", ", \"priority\": 10"), 422, "/priority"),
        bad("a broken priority", goal("x", ", \"priority\": 1.5"), 422, "/priority"),
        bad("a text as priority", goal("x", ", \"priority\": \"1\""), 422, "/priority"),
        bad("an unknown complexity", goal("x", ", \"complexity\": \"huge\""), 422, "/complexity"),
        bad(
            "a past deadline",
            goal("x", ", \"deadline\": \"2020-01-01T00:00:00Z\""),
            422,
            "/deadline"),
        bad("a broken deadline", goal("x", ", \"deadline\": \"soon\""), 422, "/deadline"),
        bad("a number as deadline", goal("x", ", \"deadline\": 4102444800"), 422, "/deadline"),
        bad(
            "much metadata",
            goal("x", ", \"metadata\": {\"k\": \"" + "v".repeat(16_400) + "\"}"),
            422,
            "/metadata"),
        bad(
            "many cycles",
            goal("x", ", \"audit\": {\"max_rework_cycles\": 11}"),
            422,
            "/audit/max_rework_cycles"),
        bad(
            "a negative budget",
            goal("x", ", \"budget\": {\"max_tokens\": -1}"),
            422,
            "/budget/max_tokens"),
        bad("no steps", plan(""), 422, "/tasks"),
        bad("a null step", plan("null"), 422, "/tasks/0"),
        bad("a duplicate step", plan(step("a", "") + "," + step("a", "")), 422, "/tasks/1/step_id"),
        bad("a bad step id", plan(step("a b", "")), 422, "/tasks/0/step_id"),
        bad("an unknown dependency", plan(step("a", needs("z"))), 422, "/tasks/0/dependencies/0"),
        bad("a step that needs itself", plan(step("a", needs("a"))), 422, "/tasks/0/dependencies"),
        bad(
            "a cycle",
            plan(step("a", needs("b")) + "," + step("b", needs("a"))),
            422,
            "/tasks/0/dependencies"),
        bad(
            "an escaping path",
            plan(step("a", ", \"file_dependencies\": [\"../secret\"]")),
            422,
            "/tasks/0/file_dependencies/0"),
        bad(
            "an absolute path",
            plan(step("a", ", \"file_dependencies\": [\"/etc/passwd\"]")),
            422,
            "/tasks/0/file_dependencies/0"),
        bad("no attempts", plan(step("a", ", \"max_attempts\": 0")), 422, "/tasks/0/max_attempts"),
        bad(
            "a negative timeout",
            plan(step("a", ", \"timeout\": \"-PT1S\"")),
            422,
            "/tasks/0/timeout"),
        bad(
            "a broken pattern",
            plan(step("a", ", \"checks\": {\"pattern\": \"(\"}")),
            422,
            "/tasks/0/checks/pattern"),
        bad(
            "a broken schema",
            plan(step("a", ", \"checks\": {\"schema\": {\"type\": 7}}")),
            422,
            "/tasks/0/checks/schema"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("submissions")
  void aBadSubmissionIsRefusedAndChangesNothing(
      String name, String body, int status, String pointer) {
    int before = count();
    Api.Answer answer = api.post("/v1/tasks", body);
    assertProblem(answer, status);
    if (!pointer.isEmpty()) {
      assertThat(answer.body().path("errors").path(0).path("pointer").asString())
          .startsWith(pointer);
    }
    assertThat(count()).isEqualTo(before);
  }

  @Test
  void aPlanWithTooManyStepsAndAnOversizedBodyAreRefused() {
    String steps =
        IntStream.rangeClosed(0, 10_000)
            .mapToObj(i -> step("s" + i, ""))
            .collect(Collectors.joining(","));
    assertProblem(api.post("/v1/tasks", plan(steps)), 422);
    assertProblem(api.post("/v1/tasks", goal("x".repeat(9 * 1024 * 1024), "")), 413);
    assertThat(api.post("/v1/tasks", goal("still works", "")).status()).isEqualTo(202);
  }

  @Test
  void aPlanWithHundredsOfFaultsNamesAHundred() {
    String steps =
        IntStream.range(0, 300)
            .mapToObj(i -> step("s" + i, needs("unknown")))
            .collect(Collectors.joining(","));
    assertThat(api.post("/v1/tasks", plan(steps)).body().path("errors")).hasSize(100);
  }

  @Test
  void nothingIsServedWithoutAToken() {
    Api stranger = new Api(RunningSystem.split().url(), "");
    Api liar = new Api(RunningSystem.split().url(), "amt_made_up");
    for (String path :
        new String[] {"/v1/workflows", "/v1/workers", "/v1/workflows/x", "/v1/nothing"}) {
      assertProblem(stranger.get(path), 401);
      assertProblem(liar.get(path), 401);
    }
    assertProblem(stranger.post("/v1/tasks", goal("x", "")), 401);
  }

  @Test
  void whatIsUnknownIs404Everywhere() {
    for (String path :
        new String[] {
          "/v1/workflows/nope",
          "/v1/workflows/nope/result",
          "/v1/workflows/nope/history",
          "/v1/workflows/nope/events",
          "/v1/workflows/nope/audits",
          "/v1/workflows/nope/steps/a/results",
          "/v1/workflows/nope/steps/a/result",
          "/v1/nothing"
        }) {
      assertProblem(api.get(path), 404);
    }
    assertProblem(api.post("/v1/workflows/nope/cancel", "{}"), 404);
    assertProblem(api.post("/v1/workers/ghost/heartbeat", "{}"), 404);
    assertProblem(
        api.post("/v1/tasks/claims", "{\"agent_id\": \"ghost\", \"client_capabilities\": [\"x\"]}"),
        404);
    assertProblem(api.send("DELETE", "/v1/tasks", null), 405);
  }

  @Test
  void badClaimsResultsAndQueriesAreRefused() {
    assertProblem(api.get("/v1/tasks/ready?client_capabilities=x"), 422);
    assertProblem(api.get("/v1/tasks/ready?agent_id=a&client_capabilities=x&wait=31"), 422);
    assertProblem(api.get("/v1/tasks/ready?agent_id=a&client_capabilities=x&wait=soon"), 422);
    assertProblem(
        api.post(
            "/v1/tasks/claims",
            "{\"agent_id\": \"a\", \"client_capabilities\": [\"x\"], \"max\": 101}"),
        422);
    assertProblem(api.put("/v1/workers/w", "{\"agent_capabilities\": []}"), 422);
    assertProblem(api.get("/v1/workflows?status=ASLEEP"), 422);
    assertProblem(api.get("/v1/workflows?limit=0"), 422);
    assertProblem(api.get("/v1/workflows?cursor=abc"), 422);
    assertProblem(api.post("/v1/results", "{}"), 422);
    assertProblem(api.post("/v1/results/batch", "{\"results\": []}"), 422);
    assertProblem(
        api.post(
            "/v1/results",
            "{\"workflow_id\": \"nope\", \"step_id\": \"a\", \"client_id\": \"c\", \"attempt\": 1,"
                + " \"status\": \"completed\", \"ra_history\": {\"final_result\": \"x\"}}"),
        404);
    assertThat(api.get("/v1/workflows").status()).isEqualTo(200);
  }

  private int count() {
    return api.get("/v1/workflows?limit=200&metadata.by=bad-input").body().path("workflows").size();
  }

  private static void assertProblem(Api.Answer answer, int status) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
    JsonNode problem = answer.body();
    assertThat(problem.path("type").asString()).startsWith("urn:agentmanager:problem:");
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asString()).isNotBlank();
    assertThat(problem.path("detail").asString()).isNotBlank();
    assertThat(problem.path("instance").asString()).startsWith("/v1/");
  }

  private static Arguments bad(String name, String body, int status, String pointer) {
    return Arguments.of(name, body, status, pointer);
  }

  private static String goal(String description, String rest) {
    return "{\"description\": \"" + description + "\"" + rest + "}";
  }

  private static String plan(String steps) {
    return goal("x", ", \"metadata\": {\"by\": \"bad-input\"}, \"tasks\": [" + steps + "]");
  }

  private static String step(String id, String rest) {
    return STEP.formatted(id, rest);
  }

  private static String needs(String id) {
    return ", \"dependencies\": [\"" + id + "\"]";
  }
}
