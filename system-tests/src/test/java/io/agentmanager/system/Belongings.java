package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.http.AccessRules;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * One of everything that a tenant can have: a workflow whose step {@code a} is done and whose step
 * {@code b} runs and holds a file, the worker that holds it, and a token.
 */
record Belongings(String name, String workflow, String token, String lock, int attempt) {
  /** What nobody else may get to see. */
  static final String SECRET = "the recipe";

  /**
   * Makes them.
   *
   * @param admin makes workflow and token
   * @param worker claims, under a name that is then its own
   */
  static Belongings make(Api admin, Api worker, String name) {
    String workflow =
        admin
            .post(
                "/v1/tasks",
                """
                {"description": "%1$s", "tasks": [
                  {"step_id": "a", "task_description": "%1$s", "assigned_agent": "%2$s"},
                  {"step_id": "b", "task_description": "%1$s", "assigned_agent": "%2$s",
                   "dependencies": ["a"]}]}
                """
                    .formatted(SECRET, name))
            .text("workflow_id");
    String token =
        admin
            .post("/v1/tokens", "{\"name\": \"of-%s\", \"roles\": [\"worker\"]}".formatted(name))
            .body()
            .path("token")
            .path("token_id")
            .asString();
    String claim = "/v1/tasks/ready?wait=10&agent_id=%1$s&client_capabilities=%1$s".formatted(name);
    Belongings first = new Belongings(name, workflow, token, "", worker.get(claim).attempt());
    assertThat(worker.post("/v1/results", json(first.result("a"))).status()).isEqualTo(200);
    Belongings second = new Belongings(name, workflow, token, "", worker.get(claim).attempt());
    Api.Answer lock = worker.post("/v1/locks", json(second.fileLock()));
    assertThat(lock.status()).as(lock.toString()).isEqualTo(201);
    return new Belongings(name, workflow, token, lock.text("lock_id"), second.attempt());
  }

  /** A call's path, naming these. */
  String path(AccessRules.Rule rule) {
    String path =
        rule.path()
            .replace("{id}", workflow)
            .replace("{step}", rule.method().equals("GET") ? "a" : "b")
            .replace("{worker}", name)
            .replace("{token}", token)
            .replace("{lock}", lock)
            .replace("{session}", "none");
    return path.equals("/v1/tasks/ready")
        ? path + "?agent_id=%1$s&client_capabilities=%1$s".formatted(name)
        : path;
  }

  /** A call's body, naming these; null where it has none. */
  String body(AccessRules.Rule rule) {
    String call = rule.method() + " " + rule.path();
    return switch (call) {
      case "POST /v1/tasks" -> "{\"description\": \"another\"}";
      case "POST /v1/tokens" ->
          "{\"name\": \"new-%s\", \"roles\": [\"worker\"]}".formatted(System.nanoTime());
      case "POST /v1/tasks/claims", "POST /v1/workflows/{id}/steps/{step}/claim" ->
          json(Map.of("agent_id", name, "client_capabilities", List.of(name)));
      case "POST /v1/results" -> json(result("b"));
      case "POST /v1/results/batch" -> json(Map.of("results", List.of(result("b"))));
      case "POST /v1/locks" -> json(fileLock());
      case "POST /v1/workflows/{id}/steps/{step}/iterations" ->
          json(
              Map.of(
                  "client_id",
                  name,
                  "attempt",
                  attempt,
                  "iterations",
                  List.of(Map.of("index", 0))));
      case "POST /v1/workflows/{id}/steps/{step}/approval" -> "{\"decision\": \"approve\"}";
      case "POST /v1/workers/{worker}/heartbeat" -> heartbeat();
      case "PUT /v1/workers/{worker}" -> json(Map.of("agent_capabilities", List.of(name)));
      default -> null;
    };
  }

  /** Keeps what the worker holds. */
  void heartbeat(Api worker) {
    Api.Answer answer = worker.post("/v1/workers/" + name + "/heartbeat", heartbeat());
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.body().path("lost")).isEmpty();
  }

  private String heartbeat() {
    Map<String, Object> running =
        Map.of("workflow_id", workflow, "step_id", "b", "attempt", attempt);
    return json(Map.of("running", List.of(running)));
  }

  private Map<String, Object> result(String step) {
    return Map.of(
        "workflow_id", workflow,
        "step_id", step,
        "client_id", name,
        "attempt", attempt,
        "status", "completed",
        "ra_history",
            Map.of("iterations", List.of(), "final_result", SECRET, "source_agent", name));
  }

  private Map<String, Object> fileLock() {
    return Map.of(
        "client_id", name,
        "workflow_id", workflow,
        "step_id", "b",
        "attempt", attempt,
        "file_path", name + ".md");
  }

  /** As made: nobody changed any of them. */
  void assertUntouched(Api admin, Api worker) {
    JsonNode found = admin.get("/v1/workflows/" + workflow).body();
    assertThat(found.path("status").asString()).isEqualTo("RUNNING");
    assertThat(found.path("description").asString()).isEqualTo(SECRET);
    JsonNode step = found.path("tasks").path(1);
    assertThat(step.path("status").asString()).isEqualTo("IN_PROGRESS");
    assertThat(step.path("attempt").asInt()).isEqualTo(attempt);
    assertThat(step.path("client_id").asString()).isEqualTo(name);
    assertThat(worker.post("/v1/locks", json(fileLock())).text("lock_id")).isEqualTo(lock);
    assertThat(admin.get("/v1/tokens").body().toString()).contains(token);
  }

  private static String json(Object body) {
    return WireJson.mapper().writeValueAsString(body);
  }
}
