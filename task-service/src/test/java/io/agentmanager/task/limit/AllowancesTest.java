package io.agentmanager.task.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What limited tenants get of two replicas. */
class AllowancesTest {
  /** Sooner than a claim that waits gives up. */
  private static final Duration SOON = Duration.ofSeconds(15);

  private static RunningService service;

  @BeforeAll
  static void start() {
    service =
        RunningService.start(
            2,
            "agentmanager.limits.tenants.narrow.parallel-steps=2",
            "agentmanager.limits.tenants.thrifty.tokens-per-day=100",
            "agentmanager.limits.tenants.frugal.tokens-per-day=100",
            "agentmanager.limits.tenants.poor.cost-usd-per-day=0.5");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Caller admin(String tenant) {
    return new Caller(new TenantId(tenant), "test", Set.of("admin"), Set.of());
  }

  private static List<JsonNode> claim(int replica, String tenant, String worker, int waitSec) {
    var registration = Map.of("agent_capabilities", List.of("work"), "max_parallel_tasks", 10);
    service.call(replica, admin(tenant), "PUT", "/v1/workers/" + worker, registration);
    JsonNode tasks =
        service
            .call(
                replica,
                admin(tenant),
                "POST",
                "/v1/tasks/claims",
                Map.of(
                    "agent_id",
                    worker,
                    "client_capabilities",
                    List.of("work"),
                    "max",
                    10,
                    "wait_sec",
                    waitSec))
            .body()
            .path("tasks");
    return tasks.values().stream().toList();
  }

  private static void complete(String tenant, String worker, JsonNode task, long tokens) {
    var answer =
        service.call(
            0,
            admin(tenant),
            "POST",
            "/v1/results",
            Map.of(
                "workflow_id", task.path("workflow_id").asString(),
                "step_id", task.path("step_id").asString(),
                "client_id", worker,
                "attempt", task.path("attempt").asInt(),
                "status", "completed",
                "ra_history",
                    Map.of(
                        "iterations",
                        List.of(
                            Map.of(
                                "index",
                                0,
                                "thought",
                                "t",
                                "usage",
                                Map.of("input_tokens", tokens, "output_tokens", 1))),
                        "final_result",
                        "done",
                        "source_agent",
                        "work")));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
  }

  private static void admit(String tenant, int steps) {
    Plans.admit(
        service,
        tenant,
        "of-" + tenant,
        IntStream.range(0, steps)
            .mapToObj(i -> StepSpec.of("s" + i, "do it", "work", List.of()))
            .toList());
  }

  @Test
  void noMoreStepsRunThanTheTenantMayAndOneThatEndsMakesRoomForAnother() throws Exception {
    admit("narrow", 6);
    List<JsonNode> running = new ArrayList<>();
    try (ExecutorService claimers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<JsonNode>>> claims = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int replica = i % 2;
        claims.add(claimers.submit(() -> claim(replica, "narrow", "w", 0)));
      }
      for (Future<List<JsonNode>> claim : claims) {
        running.addAll(claim.get());
      }
      assertThat(running).hasSize(2);
      String other = "/v1/workflows/of-narrow/steps/s5/claim";
      assertThat(
              service
                  .call(
                      0,
                      admin("narrow"),
                      "POST",
                      other,
                      Map.of("agent_id", "w", "client_capabilities", List.of("work")))
                  .status())
          .isEqualTo(409);
      Future<List<JsonNode>> parked = claimers.submit(() -> claim(0, "narrow", "x", 20));
      long began = System.nanoTime();
      complete("narrow", "w", running.getFirst(), 0);
      assertThat(parked.get()).hasSize(1);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
    }
  }

  @Test
  void whoeverUsedUpTheDayGetsNoStepsUntilTheNext() {
    for (String tenant : List.of("thrifty", "generous")) {
      admit(tenant, 3);
      JsonNode first = claim(0, tenant, "w", 20).getFirst();
      complete(tenant, "w", first, 150);
    }
    admitMore("thrifty");
    admitMore("generous");
    assertThat(claim(1, "generous", "w", 20)).isNotEmpty();
    assertThat(claim(1, "thrifty", "w", 0)).isEmpty();
    assertThat(day("thrifty")).isTrue();
    assertThat(day("generous")).isFalse();
    service.asOwner().update("UPDATE tenant_usage SET day = day - 1");
    assertThat(claim(1, "thrifty", "w", 20)).as("a day later").isNotEmpty();
  }

  @Test
  void whatAnAttemptSpendsCountsWhileItRuns() {
    admit("frugal", 2);
    JsonNode running = claim(0, "frugal", "w", 20).getFirst();
    assertThat(day("frugal")).isFalse();
    for (int told = 0; told < 2; told++) {
      assertThat(post("frugal", running, 60, 0, 0)).isEqualTo(202);
      assertThat(day("frugal")).isFalse();
    }
    assertThat(post("frugal", running, 60, 0, 1)).isEqualTo(202);
    assertThat(day("frugal")).isTrue();
  }

  private static int post(String tenant, JsonNode task, long tokens, double cost, int index) {
    return service
        .call(
            0,
            admin(tenant),
            "POST",
            "/v1/workflows/of-"
                + tenant
                + "/steps/"
                + task.path("step_id").asString()
                + "/iterations",
            Map.of(
                "client_id",
                "w",
                "attempt",
                task.path("attempt").asInt(),
                "iterations",
                List.of(
                    Map.of(
                        "index",
                        index,
                        "thought",
                        "t",
                        "observation",
                        "o",
                        "usage",
                        Map.of("input_tokens", tokens, "output_tokens", 0, "cost_usd", cost)))))
        .status();
  }

  @Test
  void whatModelsCostCountsAsWell() {
    admit("poor", 2);
    JsonNode running = claim(0, "poor", "w", 20).getFirst();
    assertThat(post("poor", running, 1, 0.375, 0)).isEqualTo(202);
    assertThat(day("poor")).isFalse();
    assertThat(post("poor", running, 1, 0.375, 1)).isEqualTo(202);
    assertThat(day("poor")).isTrue();
  }

  private static void admitMore(String tenant) {
    Plans.admit(
        service,
        tenant,
        "more-of-" + tenant,
        List.of(StepSpec.of("s", "do it", "work", List.of())));
  }

  private static boolean day(String tenant) {
    Caller planner =
        new Caller(new TenantId(tenant), "planner-service", Set.of("service"), Set.of());
    return service.call(0, planner, "GET", "/internal/day", null).body().path("spent").asBoolean();
  }
}
