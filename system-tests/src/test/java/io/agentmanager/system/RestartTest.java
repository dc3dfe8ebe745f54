package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** Up, stop, up again: workflows go on where they were. */
@Execution(ExecutionMode.CONCURRENT)
class RestartTest {
  @Test
  void aWorkflowGoesOnAfterTheStackWasStoppedInTheMiddle() throws Exception {
    try (RunningSystem system = RunningSystem.start(List.of("--no-worker"), Map.of())) {
      String id;
      try (Worker first = worker(system, "first")) {
        id =
            system
                .api()
                .post(
                    "/v1/tasks",
                    """
                    {"description": "interrupted", "tasks": [
                      {"step_id": "before", "task_description": "x", "assigned_agent": "first"},
                      {"step_id": "after", "task_description": "x", "assigned_agent": "second",
                       "dependencies": ["before"]}]}
                    """)
                .text("workflow_id");
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(
                () ->
                    system
                            .api()
                            .get("/v1/workflows/" + id)
                            .body()
                            .path("progress")
                            .path("completed")
                            .asInt()
                        == 1);
      }
      String token = system.token();
      system.down();
      system.up();
      assertThat(system.token()).isEqualTo(token);
      try (Worker second = worker(system, "second")) {
        JsonNode workflow = system.api().awaitEnd(id);
        assertThat(workflow.path("status").asString()).isEqualTo("COMPLETED");
        assertThat(workflow.path("tasks").get(0).path("attempt").asInt()).isEqualTo(1);
        assertThat(workflow.path("result").asString()).isEqualTo("second");
      }
    }
  }

  private static Worker worker(RunningSystem system, String capability) {
    WorkerConfig config =
        WorkerConfig.of(
            "restart-" + capability, system.url(), system.token(), 2, List.of(capability));
    return Worker.builder(config)
        .handler(capability, step -> Outcome.completed(capability))
        .start();
  }
}
