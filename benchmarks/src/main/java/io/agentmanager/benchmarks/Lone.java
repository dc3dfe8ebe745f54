package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Scenario.Anywhere;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import org.HdrHistogram.Histogram;

/**
 * One workflow 1 → 8 → 1 after the other, from the submission sent to the terminal event received.
 */
final class Lone implements Anywhere {
  private static final String NAME = "lone";
  private static final int SLOTS = 16;
  private static final int WARM_UP = 1_000;

  @Override
  public void runOn(Target target, Figures figures) throws Exception {
    Api api = target.api();
    byte[] workflow = Shapes.diamond(NAME);
    Histogram nanos = new Histogram(3);
    try (Worker worker = target.worker(NAME, SLOTS, step -> Outcome.completed("done"))) {
      for (int i = -WARM_UP; i < target.settings().times(); i++) {
        long began = System.nanoTime();
        String end = api.awaitEnd(api.submit(workflow));
        if (!end.equals("workflow.completed")) {
          throw new IllegalStateException("a workflow ended with " + end);
        }
        if (i >= 0) {
          nanos.recordValue(System.nanoTime() - began);
        }
      }
    }
    figures.addTimes(NAME, nanos, 25, 80);
  }
}
