package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.benchmarks.Scenario.Measurement;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.HdrHistogram.Histogram;

/**
 * 300 steps a second for long. Workflows are submitted at fixed times whether or not those before
 * have ended, and each is timed from the moment that it was due.
 */
final class Steady implements Measurement {
  private static final String NAME = "steady";
  private static final int WORKFLOWS_A_SECOND = 30;
  private static final int SLOTS = 100;
  private static final int WINDOWS = 10;

  @Override
  public void run(Bench bench, Figures figures) throws Exception {
    Api api = bench.api();
    byte[] workflow = Shapes.diamond(NAME);
    int total = bench.settings().steadySec() * WORKFLOWS_A_SECOND;
    List<Histogram> windows = new ArrayList<>();
    for (int i = 0; i < WINDOWS; i++) {
      windows.add(new Histogram(3));
    }
    Map<String, Long> due = new ConcurrentHashMap<>();
    Map<String, Long> ended = new ConcurrentHashMap<>();
    Histogram lag = new Histogram(3);
    try (Worker worker = bench.worker(NAME, SLOTS, step -> Outcome.completed("done"));
        Topic finished =
            bench.topic("finished", record -> ended.put(record.key(), System.nanoTime()));
        Topic completed =
            bench.topic(
                "completed", record -> lag.recordValue(Math.max(0, Topic.lagMillis(record))));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long scansBefore = bench.scanned();
      double[] memory = new double[WINDOWS];
      long start = System.nanoTime();
      for (int i = 0; i < total; i++) {
        long at = start + i * 1_000_000_000L / WORKFLOWS_A_SECOND;
        sleepUntil(at);
        threads.submit(() -> due.put(api.submit(workflow), at));
        if ((i + 1) % (total / WINDOWS) == 0) {
          memory[i * WINDOWS / total] = bench.resident() / 1048576.0;
        }
      }
      while (due.size() < total || !ended.keySet().containsAll(due.keySet())) {
        Thread.sleep(50);
      }
      due.forEach(
          (id, at) ->
              windows
                  .get(window(at - start, total))
                  .recordValue(Objects.requireNonNull(ended.get(id)) - at));
      note(figures, windows, lag);
      figures.add(
          NAME,
          "memory of the last tenth against the second",
          memory[WINDOWS - 1] / memory[1],
          "",
          Goal.atMost(1.1));
      figures.add(NAME, "rows read by table scans", bench.scanned() - scansBefore, "");
      figures.plot(NAME + ": resident MiB by tenth of the time", memory);
    }
  }

  private static int window(long sinceStart, int total) {
    long number = sinceStart * WORKFLOWS_A_SECOND / 1_000_000_000L;
    return (int) Math.min(WINDOWS - 1, number * WINDOWS / total);
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    }
  }

  private static void note(Figures figures, List<Histogram> windows, Histogram lag) {
    double first = windows.get(1).getValueAtPercentile(50) / 1e6;
    double last = windows.getLast().getValueAtPercentile(50) / 1e6;
    figures.add(
        NAME, "p50 of the last tenth against the second", last / first, "", Goal.atMost(1.2));
    figures.add(NAME, "p50 of the last tenth", last, "ms");
    figures.add(
        NAME, "p99 of the last tenth", windows.getLast().getValueAtPercentile(99) / 1e6, "ms");
    figures.add(NAME, "relay lag p99", lag.getValueAtPercentile(99), "ms", Goal.atMost(100));
    figures.plot(
        NAME + ": p99 in ms by tenth of the time",
        windows.stream().mapToDouble(w -> w.getValueAtPercentile(99) / 1e6).toArray());
  }
}
