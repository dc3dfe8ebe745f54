package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.benchmarks.Scenario.Measurement;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Lone workflows without and with 500 parked claims and 200 live event streams beside them. */
final class Streams implements Measurement {
  private static final String NAME = "streams";
  private static final int CLAIMS = 500;
  private static final int STREAMS = 200;
  private static final int SLOTS = 16;
  private static final int WARM_UP = 100;

  @Override
  public void run(Bench bench, Figures figures) throws Exception {
    Api api = bench.api();
    try (Worker worker = bench.worker(NAME, SLOTS, step -> Outcome.completed("done"))) {
      time(api, WARM_UP);
      Histogram alone = time(api, bench.settings().times());
      long threads = bench.threads("gateway") + bench.threads("task-service");
      Histogram beside;
      long more;
      try (Crowd crowd = new Crowd(bench)) {
        crowd.gather();
        time(api, WARM_UP);
        beside = time(api, bench.settings().times());
        more = bench.threads("gateway") + bench.threads("task-service") - threads;
      }
      double ratio = beside.getValueAtPercentile(50) / (double) alone.getValueAtPercentile(50);
      figures.add(NAME, "p50 beside the crowd against alone", ratio, "", Goal.atMost(1.1));
      figures.add(NAME, "p99 alone", alone.getValueAtPercentile(99) / 1e6, "ms");
      figures.add(NAME, "p99 beside the crowd", beside.getValueAtPercentile(99) / 1e6, "ms");
      figures.add(NAME, "more threads in gateway and task-service", more, "", Goal.atMost(32));
    }
  }

  private static Histogram time(Api api, int times) throws Exception {
    byte[] workflow = Shapes.diamond(NAME);
    Histogram nanos = new Histogram(3);
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      api.awaitEnd(api.submit(workflow));
      nanos.recordValue(System.nanoTime() - began);
    }
    return nanos;
  }

  /** Claims that wait for work that never comes, and streams of workflows that nobody works on. */
  private static final class Crowd implements AutoCloseable {
    private final Bench bench;
    private final List<Thread> threads = new ArrayList<>();

    Crowd(Bench bench) {
      this.bench = bench;
    }

    void gather() throws Exception {
      Api api = bench.api();
      String idle = api.submit(Shapes.diamond("nobody"));
      for (int i = 0; i < STREAMS; i++) {
        threads.add(Thread.ofVirtual().start(() -> follow(api, idle)));
      }
      for (int i = 0; i < CLAIMS; i++) {
        String name = "crowd-" + i;
        threads.add(Thread.ofVirtual().start(() -> claim(api, name)));
      }
      Thread.sleep(3_000);
    }

    private static void follow(Api api, String workflow) {
      try {
        api.awaitEnd(workflow);
      } catch (Exception e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void claim(Api api, String name) {
      try {
        while (!Thread.currentThread().isInterrupted()) {
          boolean unused = api.claim(name, 30);
        }
      } catch (Exception e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      threads.forEach(Thread::interrupt);
    }
  }
}
