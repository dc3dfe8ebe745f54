package io.agentmanager.task.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import io.agentmanager.task.workflow.AdoptWorkflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The database away, the broker away: clear answers meanwhile, and no help needed afterwards. */
class OutageTest {
  /** The database's own patience is 0.9 s, that of a claim 20 s. */
  private static final Duration QUICKLY = Duration.ofSeconds(5);

  private static final List<StepSpec> ONE = List.of(StepSpec.of("s", "work", "away", List.of()));

  @Test
  void withoutTheDatabaseEverythingAnswers503QuicklyAndRecoversByItself() throws Exception {
    try (RunningService service = RunningService.start(1)) {
      Plans.admit(service, "w1", ONE);
      service.stopDatabase();
      Map<String, Object> result =
          Map.of(
              "workflow_id", "w1",
              "step_id", "s",
              "client_id", "w",
              "attempt", 1,
              "status", "completed",
              "ra_history", Map.of("final_result", "x"));
      for (int round = 0; round < 2; round++) {
        unavailable(service, "GET", "/v1/workflows/w1", null);
        unavailable(service, "POST", "/v1/results", result);
        unavailable(
            service, "GET", "/v1/tasks/ready?agent_id=w&client_capabilities=away&wait=20", null);
        unavailable(service, "POST", "/v1/workers/w/heartbeat", Map.of("running", List.of()));
      }
      assertThat(service.call(0, "GET", "/actuator/health/readiness", null).status())
          .isEqualTo(503);
      service.startDatabase();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> service.call(0, "GET", "/actuator/health/readiness", null).status() == 200);
      Plans.complete(service, "w", "away");
      assertThat(service.call(0, "GET", "/v1/workflows/w1", null).body().path("status").asString())
          .isEqualTo("COMPLETED");
    }
  }

  @Test
  void withoutTheBrokerWorkGoesOnUntilTheOutboxIsFull() {
    try (RunningService service = RunningService.start(1, "agentmanager.outbox.limit=30")) {
      service.stopBroker();
      for (int i = 0; i < 10; i++) {
        Plans.admit(service, "k" + i, ONE);
        Plans.complete(service, "w", "away");
      }
      assertThat(service.call(0, "GET", "/v1/workflows/k9", null).body().path("status").asString())
          .isEqualTo("COMPLETED");
      assertThat(service.call(0, "GET", "/actuator/health/readiness", null).status())
          .isEqualTo(200);
      AdoptWorkflow adopt = service.bean(AdoptWorkflow.class);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> adopt.adopt(WorkflowKey.of("default", "new")))
                      .isInstanceOf(ProblemException.class)
                      .hasMessageContaining("Kafka"));
    }
  }

  private static void unavailable(RunningService service, String method, String path, Object body) {
    long began = System.nanoTime();
    RunningService.Answer answer = service.call(0, method, path, body);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    assertThat(answer.status()).as(method + " " + path + " " + answer.body()).isEqualTo(503);
    assertThat(took).as(method + " " + path).isLessThan(QUICKLY);
  }
}
