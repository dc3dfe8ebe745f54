package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.benchmarks.Scenario.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * Claims of one tenant, alone and beside another that has very many steps ready and claims them
 * without a pause. On few cores the two share the processors as well; what dispatch adds is less.
 */
final class Noisy implements Measurement {
  private static final String NAME = "noisy";
  private static final String QUIET = "quiet";
  private static final int CLAIMERS = 8;
  private static final int READY = 10_000;
  private static final int PLANS = 5;
  private static final int WARM_UP = 300;
  private static final long PAUSE_MS = 2;

  @Override
  public void run(Bench bench, Figures figures) throws Exception {
    Api quiet = bench.api(QUIET);
    Api noisy = bench.api(NAME);
    int times = bench.settings().times();
    for (int left = 2 * times + 2 * WARM_UP; left > 0; left -= READY) {
      String unused = quiet.submit(Shapes.flat(QUIET, Math.min(left, READY), 0));
    }
    for (int i = 0; i < PLANS; i++) {
      String unused = noisy.submit(Shapes.flat(NAME, READY, 9));
    }
    time(quiet, WARM_UP);
    Histogram alone = time(quiet, times);
    Histogram beside;
    try (Crowd crowd = new Crowd(noisy)) {
      time(quiet, WARM_UP);
      beside = time(quiet, times);
      figures.add(NAME, "claims a second of the noisy tenant", crowd.claimsPerSecond(), "");
    }
    double ratio = beside.getValueAtPercentile(50) / (double) alone.getValueAtPercentile(50);
    figures.add(
        NAME, "p50 of a claim beside the noisy tenant against alone", ratio, "", Goal.atMost(3));
    figures.add(NAME, "p99 of a claim alone", alone.getValueAtPercentile(99) / 1e6, "ms");
    figures.add(
        NAME,
        "p99 of a claim beside the noisy tenant",
        beside.getValueAtPercentile(99) / 1e6,
        "ms",
        Goal.atMost(50));
  }

  private static Histogram time(Api api, int times) throws Exception {
    Histogram nanos = new Histogram(3);
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      if (!api.claim(QUIET, 20)) {
        throw new IllegalStateException("a ready step was not handed out");
      }
      nanos.recordValue(System.nanoTime() - began);
      Thread.sleep(PAUSE_MS);
    }
    return nanos;
  }

  /** Claimers that never pause. */
  private static final class Crowd implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong claims = new AtomicLong();
    private final long began = System.nanoTime();

    Crowd(Api api) {
      for (int i = 0; i < CLAIMERS; i++) {
        threads.add(Thread.ofVirtual().start(() -> claim(api)));
      }
    }

    private void claim(Api api) {
      try {
        while (!Thread.currentThread().isInterrupted()) {
          boolean unused = api.claim(NAME, 20);
          claims.incrementAndGet();
        }
      } catch (Exception e) {
        Thread.currentThread().interrupt();
      }
    }

    double claimsPerSecond() {
      return claims.get() * 1e9 / (System.nanoTime() - began);
    }

    @Override
    public void close() {
      threads.forEach(Thread::interrupt);
    }
  }
}
