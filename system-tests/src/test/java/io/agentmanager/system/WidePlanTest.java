package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The largest plan: one root, 9,998 steps side by side, one end. */
class WidePlanTest {
  private static final int WIDTH = 9_998;
  private final RunningSystem system = RunningSystem.split();

  @Test
  void tenThousandStepsCompleteWithinAMinute() {
    WorkerConfig config =
        WorkerConfig.of("wide", system.url(), system.token(), 400, List.of("no-op"));
    Api api = system.api();
    try (Worker worker =
        Worker.builder(config).handler("no-op", step -> Outcome.completed("done")).start()) {
      long began = System.nanoTime();
      Api.Answer created = api.post("/v1/tasks", plan());
      assertThat(created.status()).isEqualTo(201);
      String id = created.text("workflow_id");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(500))
          .until(
              () ->
                  api.get("/v1/workflows?limit=1&metadata.plan=wide")
                      .body()
                      .path("workflows")
                      .path(0)
                      .path("status")
                      .asString("")
                      .equals("COMPLETED"));
      System.out.printf("10,000 steps took %.1f s%n", (System.nanoTime() - began) / 1e9);
      var view = api.get("/v1/workflows/" + id).body();
      assertThat(view.path("progress").path("completed").asInt()).isEqualTo(WIDTH + 2);
    }
  }

  private static String plan() {
    List<StepSpec> steps = new ArrayList<>();
    steps.add(StepSpec.of("root", "begin", "no-op", List.of()));
    List<String> middle = IntStream.range(0, WIDTH).mapToObj(i -> "step-" + i).toList();
    middle.forEach(id -> steps.add(StepSpec.of(id, "work", "no-op", List.of("root"))));
    steps.add(StepSpec.of("end", "end", "no-op", middle));
    return WireJson.mapper()
        .writeValueAsString(
            Map.of(
                "description",
                "ten thousand steps",
                "metadata",
                Map.of("plan", "wide"),
                "audit",
                Map.of("mode", "none"),
                "tasks",
                steps));
  }
}
