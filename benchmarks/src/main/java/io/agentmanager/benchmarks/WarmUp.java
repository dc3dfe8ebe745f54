package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Scenario.Measurement;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;

/** A few workflows before anything is measured. */
final class WarmUp implements Measurement {
  private static final String NAME = "warm-up";
  private static final int WORKFLOWS = 20;

  @Override
  public void run(Bench bench, Figures figures) throws Exception {
    Api api = bench.api();
    try (Worker worker = bench.worker(NAME, 8, step -> Outcome.completed("done"))) {
      for (int i = 0; i < WORKFLOWS; i++) {
        api.awaitEnd(api.submit(Shapes.diamond(NAME)));
      }
    }
  }
}
