package io.agentmanager.task.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import io.agentmanager.task.RunningService.Answer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** What one worker may do with another's name and another's work, on two replicas. */
class WorkerOwnersTest {
  private static final Caller ALICE = caller("token:alice", "worker");
  private static final Caller MALLORY = caller("token:mallory", "worker");
  private static final Caller ADMINISTRATOR = caller("token:admin", "admin");
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = RunningService.start(2);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void aNameIsItsFirstUsersUntilTheWorkerLeaves() {
    assertThat(register(ALICE, "first").status()).isEqualTo(200);
    assertThat(register(MALLORY, "first").status()).isEqualTo(403);
    assertThat(heartbeat(MALLORY, "first").status()).isEqualTo(403);
    assertThat(leave(MALLORY, "first").status()).isEqualTo(403);
    assertThat(heartbeat(ALICE, "first").status()).isEqualTo(200);
    assertThat(leave(ALICE, "first").status()).isEqualTo(204);
    assertThat(register(MALLORY, "first").status()).isEqualTo(200);
  }

  @Test
  void administratorsMayUseAnyNameAndTakeNone() {
    assertThat(register(ALICE, "helped").status()).isEqualTo(200);
    assertThat(register(ADMINISTRATOR, "helped").status()).isEqualTo(200);
    assertThat(heartbeat(ALICE, "helped").status()).isEqualTo(200);
    assertThat(heartbeat(MALLORY, "helped").status()).isEqualTo(403);
  }

  @Test
  void aNameThatAnAdministratorUsesIsTakenLikeAnyCallers() {
    assertThat(register(ADMINISTRATOR, "built-in").status()).isEqualTo(200);
    assertThat(register(MALLORY, "built-in").status()).isEqualTo(403);
    assertThat(heartbeat(MALLORY, "built-in").status()).isEqualTo(403);
    assertThat(leave(MALLORY, "built-in").status()).isEqualTo(403);
    assertThat(leave(ADMINISTRATOR, "built-in").status()).isEqualTo(204);
    assertThat(register(ALICE, "built-in").status()).isEqualTo(200);
  }

  @Test
  void aWorkerFromBeforeThereWereOwnersBecomesTheOneThatHeartbeats() {
    assertThat(register(ALICE, "old").status()).isEqualTo(200);
    service
        .bean(JdbcTemplate.class)
        .update("UPDATE worker SET owner = NULL WHERE worker_id = 'old'");
    assertThat(heartbeat(ALICE, "old").status()).isEqualTo(200);
    assertThat(register(MALLORY, "old").status()).isEqualTo(403);
  }

  @Test
  void aSilentWorkerKeepsItsNameWhileItHoldsAStep() {
    Plans.admit(service, "holds", List.of(StepSpec.of("s", "do it", "holds", List.of())));
    register(ALICE, "holder");
    JsonNode held = ready(0, ALICE, "holder", "holds").body();
    silentFor("holder", 70);
    assertThat(register(MALLORY, "holder").status()).isEqualTo(403);
    assertThat(post(0, ALICE, held, "holder").status()).isEqualTo(200);
    silentFor("holder", 70);
    assertThat(register(MALLORY, "holder").status()).isEqualTo(200);
  }

  @Test
  void aWorkerThatIsSilentForAMinuteLosesItsName() {
    assertThat(register(ALICE, "silent").status()).isEqualTo(200);
    silentFor("silent", 50);
    assertThat(register(MALLORY, "silent").status()).isEqualTo(403);
    silentFor("silent", 70);
    assertThat(register(MALLORY, "silent").status()).isEqualTo(200);
    assertThat(heartbeat(ALICE, "silent").status()).isEqualTo(403);
    silentFor("silent", 70);
    assertThat(heartbeat(ALICE, "silent").status()).as("register again").isEqualTo(404);
    assertThat(register(ALICE, "silent").status()).isEqualTo(200);
  }

  private static void silentFor(String worker, int seconds) {
    service
        .bean(JdbcTemplate.class)
        .update(
            "UPDATE worker SET last_seen = now() - make_interval(secs => ?) WHERE worker_id = ?",
            seconds,
            worker);
  }

  @Test
  void nobodyClaimsUnderAnothersName() {
    Plans.admit(service, "claims", List.of(StepSpec.of("s", "do it", "claims", List.of())));
    register(ALICE, "claimer");
    for (int replica = 0; replica < 2; replica++) {
      assertThat(ready(replica, MALLORY, "claimer", "claims").status()).isEqualTo(403);
      assertThat(many(replica, MALLORY, "claimer", "claims").status()).isEqualTo(403);
      assertThat(named(replica, MALLORY, "claimer", "claims").status()).isEqualTo(403);
    }
    assertThat(many(0, ALICE, "claimer", "claims").body().path("tasks").size()).isOne();
  }

  @Test
  void nobodyReportsUnderAnothersName() {
    Plans.admit(service, "reports", List.of(StepSpec.of("s", "do it", "reports", List.of())));
    register(ALICE, "reporter");
    int attempt = ready(0, ALICE, "reporter", "reports").body().path("attempt").asInt();
    for (int replica = 0; replica < 2; replica++) {
      assertThat(result(replica, MALLORY, "reporter", attempt).status()).isEqualTo(403);
      JsonNode batch = batch(replica, MALLORY, "reporter", attempt).body().path("results");
      assertThat(batch.path(0).path("status").asInt()).isEqualTo(403);
      assertThat(iterations(replica, MALLORY, "reporter", attempt).status()).isEqualTo(403);
      assertThat(lock(replica, MALLORY, "reports", "reporter", attempt).status()).isEqualTo(403);
    }
    assertThat(iterations(1, ALICE, "reporter", attempt).status()).isEqualTo(202);
    assertThat(result(1, ALICE, "reporter", attempt).status()).isEqualTo(200);
  }

  @Test
  void nobodyLetsGoOfAnothersLock() {
    Plans.admit(service, "locks", List.of(StepSpec.of("s", "do it", "locks", List.of())));
    register(ALICE, "locker");
    int attempt = ready(0, ALICE, "locker", "locks").body().path("attempt").asInt();
    JsonNode taken = lock(0, ALICE, "locks", "locker", attempt).body();
    String path = "/v1/locks/" + taken.path("lock_id").asString();
    for (int replica = 0; replica < 2; replica++) {
      assertThat(service.call(replica, MALLORY, "DELETE", path, null).status()).isEqualTo(403);
    }
    assertThat(lock(1, ALICE, "locks", "locker", attempt).body().path("lock_id"))
        .isEqualTo(taken.path("lock_id"));
    assertThat(service.call(1, ALICE, "DELETE", path, null).status()).isEqualTo(204);
    assertThat(service.call(1, ALICE, "DELETE", path, null).status()).isEqualTo(404);
  }

  @Test
  void whoAsksForHeadersAloneClaimsNothing() {
    Plans.admit(service, "head", List.of(StepSpec.of("s", "do it", "head", List.of())));
    String call = "/v1/tasks/ready?agent_id=headless&client_capabilities=head";
    assertThat(service.call(0, ALICE, "HEAD", call, null).status()).isEqualTo(405);
    assertThat(service.call(0, ALICE, "GET", call, null).status()).isEqualTo(200);
  }

  @Test
  void aTokenOffersNoCapabilityThatItIsNotBoundTo() {
    Caller bound =
        new Caller(
            new TenantId("default"), "token:bound", Set.of("worker"), Set.of("writer", "reader"));
    assertThat(
            service
                .call(
                    0,
                    bound,
                    "PUT",
                    "/v1/workers/bound",
                    Map.of("agent_capabilities", List.of("writer", "cook")))
                .status())
        .isEqualTo(403);
    assertThat(ready(0, bound, "bound", "cook").status()).isEqualTo(403);
    assertThat(many(0, bound, "bound", "cook").status()).isEqualTo(403);
    assertThat(ready(0, bound, "bound", "writer").status()).isEqualTo(204);
  }

  @Test
  void aWorkerReadsAResultOnlyWhileItHoldsAStepThatNeedsIt() {
    WorkflowKey key =
        Plans.admit(
            service,
            "needs",
            List.of(
                StepSpec.of("source", "do it", "needs", List.of()),
                StepSpec.of("needing", "do it", "needs", List.of("source")),
                StepSpec.of("after", "do it", "needs", List.of("needing"))));
    String path = "/v1/workflows/" + key.workflow() + "/steps/source/result";
    complete(ALICE, "needer");
    assertThat(service.call(0, ALICE, "GET", path, null).status()).isEqualTo(404);
    JsonNode held = ready(0, ALICE, "needer", "needs").body();
    assertThat(held.path("step_id").asString()).isEqualTo("needing");
    assertThat(service.call(0, ALICE, "GET", path, null).status()).isEqualTo(200);
    assertThat(service.call(0, MALLORY, "GET", path, null).status()).isEqualTo(404);
    assertThat(service.call(0, ADMINISTRATOR, "GET", path, null).status()).isEqualTo(200);
    assertThat(service.call(0, ALICE, "GET", "/v1/workflows/needs", null).status()).isEqualTo(403);
    assertThat(post(0, ALICE, held, "needer").status()).isEqualTo(200);
    assertThat(service.call(0, ALICE, "GET", path, null).status()).isEqualTo(404);
  }

  private static void complete(Caller caller, String worker) {
    JsonNode task = ready(0, caller, worker, "needs").body();
    assertThat(post(0, caller, task, worker).status()).isEqualTo(200);
  }

  private static Answer post(int replica, Caller caller, JsonNode task, String worker) {
    return service.call(
        replica,
        caller,
        "POST",
        "/v1/results",
        body(
            task.path("workflow_id").asString(),
            task.path("step_id").asString(),
            worker,
            task.path("attempt").asInt()));
  }

  private static Answer register(Caller caller, String worker) {
    return service.call(
        0, caller, "PUT", "/v1/workers/" + worker, Map.of("agent_capabilities", List.of("any")));
  }

  private static Answer heartbeat(Caller caller, String worker) {
    return service.call(
        1, caller, "POST", "/v1/workers/" + worker + "/heartbeat", Map.of("running", List.of()));
  }

  private static Answer leave(Caller caller, String worker) {
    return service.call(0, caller, "DELETE", "/v1/workers/" + worker, null);
  }

  private static Answer ready(int replica, Caller caller, String worker, String capability) {
    return service.call(
        replica,
        caller,
        "GET",
        "/v1/tasks/ready?wait=1&agent_id=" + worker + "&client_capabilities=" + capability,
        null);
  }

  private static Answer many(int replica, Caller caller, String worker, String capability) {
    return service.call(replica, caller, "POST", "/v1/tasks/claims", claim(worker, capability));
  }

  private static Answer named(int replica, Caller caller, String worker, String capability) {
    return service.call(
        replica,
        caller,
        "POST",
        "/v1/workflows/" + capability + "/steps/s/claim",
        claim(worker, capability));
  }

  private static Map<String, Object> claim(String worker, String capability) {
    return Map.of("agent_id", worker, "client_capabilities", List.of(capability));
  }

  private static Answer result(int replica, Caller caller, String worker, int attempt) {
    return service.call(
        replica, caller, "POST", "/v1/results", body("reports", "s", worker, attempt));
  }

  private static Answer batch(int replica, Caller caller, String worker, int attempt) {
    return service.call(
        replica,
        caller,
        "POST",
        "/v1/results/batch",
        Map.of("results", List.of(body("reports", "s", worker, attempt))));
  }

  private static Answer iterations(int replica, Caller caller, String worker, int attempt) {
    return service.call(
        replica,
        caller,
        "POST",
        "/v1/workflows/reports/steps/s/iterations",
        Map.of(
            "client_id",
            worker,
            "attempt",
            attempt,
            "iterations",
            List.of(Map.of("index", 0, "thought", "so far"))));
  }

  private static Answer lock(
      int replica, Caller caller, String workflow, String worker, int attempt) {
    return service.call(
        replica,
        caller,
        "POST",
        "/v1/locks",
        Map.of(
            "client_id", worker,
            "workflow_id", workflow,
            "step_id", "s",
            "attempt", attempt,
            "file_path", "a.md"));
  }

  private static Map<String, Object> body(
      String workflow, String step, String worker, int attempt) {
    return Map.of(
        "workflow_id", workflow,
        "step_id", step,
        "client_id", worker,
        "attempt", attempt,
        "status", "completed",
        "ra_history", Map.of("iterations", List.of(), "final_result", "done", "source_agent", "a"));
  }

  private static Caller caller(String name, String role) {
    return new Caller(new TenantId("default"), name, Set.of(role), Set.of());
  }
}
