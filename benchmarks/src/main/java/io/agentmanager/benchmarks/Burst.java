package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.benchmarks.Scenario.Anywhere;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Workflows 1 → 8 → 1 of no-op steps, submitted as fast as they are taken while at most {@value
 * #MOST_OPEN} are open, counted when they have completed.
 */
final class Burst implements Anywhere {
  private static final String NAME = "burst";
  private static final int SUBMITTERS = 16;
  private static final int MOST_OPEN = 500;
  private static final int SLOTS = 400;
  private static final int DRAIN_SEC = 60;
  private static final double GOAL = 2_000;

  @Override
  public void runOn(Target target, Figures figures) throws Exception {
    Api api = target.api();
    byte[] workflow = Shapes.diamond(NAME);
    Semaphore open = new Semaphore(MOST_OPEN);
    try (Worker worker = target.worker(NAME, SLOTS, step -> Outcome.completed("done"));
        Target.Ends ends = target.ends(open::release);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> submitters = new ArrayList<>();
      for (int i = 0; i < SUBMITTERS; i++) {
        submitters.add(
            threads.submit(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    open.acquire();
                    ends.submitted(api.submit(workflow));
                  }
                  return null;
                }));
      }
      Thread.sleep(target.settings().warmUpSec() * 1_000L);
      double[] rates = measure(target, ends, submitters);
      submitters.forEach(s -> s.cancel(true));
      note(rates, figures);
      // What is still open ends before the next scenario begins.
      boolean unused = open.tryAcquire(MOST_OPEN - SUBMITTERS, DRAIN_SEC, TimeUnit.SECONDS);
    }
  }

  private static double[] measure(Target target, Target.Ends ends, List<Future<?>> submitters)
      throws Exception {
    double[] rates = new double[target.settings().repeats()];
    for (int i = 0; i < rates.length; i++) {
      long before = ends.completed();
      long began = System.nanoTime();
      Thread.sleep(target.settings().seconds() * 1_000L);
      double seconds = (System.nanoTime() - began) / 1e9;
      rates[i] = (ends.completed() - before) * Shapes.DIAMOND_STEPS / seconds;
      for (Future<?> submitter : submitters) {
        if (submitter.isDone()) {
          submitter.get();
        }
      }
    }
    return rates;
  }

  private static void note(double[] rates, Figures figures) {
    var range = Arrays.stream(rates).summaryStatistics();
    figures.add(NAME, "steps per second", Figures.median(rates), "/s", Goal.atLeast(GOAL));
    figures.add(NAME, "steps per second, least", range.getMin(), "/s");
    figures.add(NAME, "steps per second, most", range.getMax(), "/s");
    figures.plot(NAME + ": steps a second by repeat", rates);
  }
}
