package io.agentmanager.task.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class LockSignOfLifeTest {
  private static final AttemptRef HOLDERS = new AttemptRef("signs", "holder", 1);

  @Test
  void aWorkerThatWaitsForAFileKeepsItsStepWhileASilentOneLosesIts() {
    try (RunningService service =
        RunningService.start(1, "agentmanager.leases.heartbeat-interval=PT2S")) {
      List<String> names = List.of("holder", "waiter", "silent");
      Plans.admit(
          service, "signs", names.stream().map(n -> StepSpec.of(n, "work", n, List.of())).toList());
      names.forEach(name -> claim(service, name));
      RunningService.Answer held = lock(service, "holder", 0);
      assertThat(held.status()).isEqualTo(201);
      CompletableFuture<RunningService.Answer> waiting =
          CompletableFuture.supplyAsync(() -> lock(service, "waiter", 30));
      Awaitility.await("the silent one's lease ends")
          .atMost(Duration.ofSeconds(25))
          .pollInterval(Duration.ofMillis(250))
          .until(
              () -> {
                service.call(
                    0, "POST", "/v1/workers/holder/heartbeat", new Heartbeat(List.of(HOLDERS)));
                return !status(service, "silent").equals("IN_PROGRESS");
              });
      assertThat(status(service, "waiter")).isEqualTo("IN_PROGRESS");
      String id = held.body().path("lock_id").asString();
      assertThat(service.call(0, "DELETE", "/v1/locks/" + id, null).status()).isEqualTo(204);
      assertThat(waiting.join().status()).isEqualTo(201);
    }
  }

  /** Everybody's capability is their name. */
  private static void claim(RunningService service, String name) {
    service.call(0, "PUT", "/v1/workers/" + name, Map.of("agent_capabilities", List.of(name)));
    assertThat(
            service
                .call(
                    0,
                    "POST",
                    "/v1/tasks/claims",
                    new ClaimRequest(name, List.of(name), 1, 10, null, null))
                .body()
                .path("tasks"))
        .hasSize(1);
  }

  private static RunningService.Answer lock(RunningService service, String name, int waitSec) {
    return service.call(
        0,
        "POST",
        "/v1/locks",
        new LockRequest(name, "signs", name, 1, "report.md", AccessType.WRITE, waitSec));
  }

  private static String status(RunningService service, String step) {
    return Stream.of(service.call(0, "GET", "/v1/workflows/signs", null).body().path("tasks"))
        .flatMap(tasks -> tasks.valueStream())
        .filter(task -> task.path("step_id").asString().equals(step))
        .findFirst()
        .orElseThrow()
        .path("status")
        .asString();
  }
}
