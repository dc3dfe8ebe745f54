package io.agentmanager.examples.plain;

import io.agentmanager.contracts.api.Artefact;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Long lists in portions: what a portion came to is told as progress, and is the checkpoint from
 * which the next attempt goes on when this worker dies.
 */
final class BatchWorker {
  private static final int PORTION = 100;

  private BatchWorker() {}

  static Worker.Builder worker(WorkerConfig config) {
    return Worker.builder(config).handler("batch", BatchWorker::run);
  }

  private static Outcome run(StepContext step) {
    List<JsonNode> rows = new ArrayList<>();
    step.input().path("rows").forEach(rows::add);
    List<String> done =
        new ArrayList<>(step.checkpoint().stream().map(Iteration::thought).toList());
    for (int from = done.size() * PORTION; from < rows.size(); from += PORTION) {
      if (step.isStopped()) {
        return Outcome.failed("stopped", "The attempt was stopped.");
      }
      List<JsonNode> portion = rows.subList(from, Math.min(from + PORTION, rows.size()));
      String sum = Integer.toString(portion.stream().mapToInt(JsonNode::asInt).sum());
      done.add(sum);
      step.progress(sum);
    }
    int all = done.stream().mapToInt(Integer::parseInt).sum();
    return Outcome.completed(
        Integer.toString(all), Artefact.text("portions", "text/csv", String.join("\n", done)));
  }

  /** Runs until the process is asked to stop. */
  public static void main(String[] args) throws InterruptedException {
    worker(WorkerConfig.read(Path.of("mcp_client_config.json"))).run();
  }
}
