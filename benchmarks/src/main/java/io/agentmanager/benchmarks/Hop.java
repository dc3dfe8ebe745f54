package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Scenario.Anywhere;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * A chain of steps: from the moment that a handler returns to the moment that the worker, which
 * waits in a parked claim, begins with the next step. The worker's own work is in it.
 */
final class Hop implements Anywhere {
  private static final String NAME = "hop";
  private static final int CHAIN = 50;
  private static final int WARM_UP = 40;

  @Override
  public void runOn(Target target, Figures figures) throws Exception {
    Api api = target.api();
    byte[] workflow = Shapes.chain(NAME, CHAIN);
    Histogram nanos = new Histogram(3);
    AtomicLong ended = new AtomicLong();
    boolean[] measuring = {false};
    try (Worker worker =
        target.worker(
            NAME,
            2,
            step -> {
              long now = System.nanoTime();
              if (measuring[0] && ended.get() != 0) {
                nanos.recordValue(now - ended.get());
              }
              ended.set(System.nanoTime());
              return Outcome.completed("done");
            })) {
      int chains = WARM_UP + Math.max(1, target.settings().times() / CHAIN);
      for (int i = 0; i < chains; i++) {
        measuring[0] = i >= WARM_UP;
        ended.set(0);
        api.awaitEnd(api.submit(workflow));
      }
    }
    figures.addTimes(NAME, nanos, 8, 30);
  }
}
