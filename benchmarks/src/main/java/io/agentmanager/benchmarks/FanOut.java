package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.benchmarks.Scenario.Measurement;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * Whether a step of a wide workflow costs more than one of a narrow workflow, and whether its
 * admission keeps the claims of others waiting: a chain of another capability runs meanwhile.
 */
final class FanOut implements Measurement {
  private static final String NAME = "fan-out";
  private static final int NARROW = 100;
  private static final int WIDE = 9_998;
  private static final int TIMES = 5;
  private static final int SLOTS = 400;
  private static final int CHAIN = 1_000;

  @Override
  public void run(Bench bench, Figures figures) throws Exception {
    Api api = bench.api();
    try (Worker worker = bench.worker(NAME, SLOTS, step -> Outcome.completed("done"))) {
      median(api, NARROW);
      double narrow = median(api, NARROW);
      median(api, WIDE, 1);
      double wide = median(api, WIDE, 3);
      figures.add(NAME, "cost ratio", wide / narrow, "", Goal.atMost(1.5));
      figures.add(NAME, "per step of 100", narrow, "ms");
      figures.add(NAME, "per step of 10,000", wide, "ms");
      delays(bench, api, figures);
    }
  }

  private static double median(Api api, int width) throws Exception {
    return median(api, width, TIMES);
  }

  private static double median(Api api, int width, int times) throws Exception {
    double[] perStep = new double[times];
    byte[] workflow = Shapes.wide(NAME, width);
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      api.awaitEnd(api.submit(workflow));
      perStep[i] = (System.nanoTime() - began) / 1e6 / (width + 2);
    }
    return Figures.median(perStep);
  }

  /** A chain's hops, without and with a wide workflow that nobody works on being admitted. */
  private static void delays(Bench bench, Api api, Figures figures) throws Exception {
    Histogram quiet = new Histogram(3);
    Histogram beside = new Histogram(3);
    AtomicBoolean admitting = new AtomicBoolean();
    long[] ended = {0};
    try (Worker worker =
        bench.worker(
            "bystander",
            1,
            step -> {
              long now = System.nanoTime();
              if (ended[0] != 0) {
                (admitting.get() ? beside : quiet).recordValue(now - ended[0]);
              }
              ended[0] = System.nanoTime();
              return Outcome.completed("done");
            })) {
      String chain = api.submit(Shapes.chain("bystander", CHAIN));
      Thread.sleep(3_000);
      admitting.set(true);
      byte[] wide = Shapes.wide("nobody", WIDE);
      CompletableFuture<Void> end = CompletableFuture.runAsync(() -> awaitQuietly(api, chain));
      for (int i = 0; i < TIMES && !end.isDone(); i++) {
        api.submit(wide);
        Thread.sleep(1_000);
      }
      admitting.set(false);
      end.join();
    }
    double delay = (beside.getMaxValue() - quiet.getValueAtPercentile(50)) / 1e6;
    figures.add(NAME, "longest delay of another's claim", delay, "ms", Goal.atMost(100));
  }

  private static void awaitQuietly(Api api, String workflow) {
    try {
      api.awaitEnd(workflow);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
