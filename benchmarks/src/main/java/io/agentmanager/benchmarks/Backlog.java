package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.benchmarks.Scenario.Measurement;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Whether a claim takes longer when very many steps of ten tenants are ready: with 1,000, then with
 * all of them, after many claims whose rows another session's old snapshot keeps alive. A thousand
 * of another capability, timed last, tell what of a difference is the machine's hour.
 */
final class Backlog implements Measurement {
  private static final String NAME = "backlog";
  private static final int TENANTS = 10;
  private static final int FEW = 1_000;
  private static final int MOST_STEPS_A_WORKFLOW = 1_000;
  private static final int PRIORITIES = 10;
  private static final int SUBMITTERS = 4;
  private static final int SLOTS = 80;
  private static final int WARM_UP = 2_000;

  @Override
  public void run(Bench bench, Figures figures) throws Exception {
    List<Api> tenants = new ArrayList<>();
    for (String tenant : tenants()) {
      tenants.add(bench.api(tenant));
    }
    int ready = bench.settings().backlog();
    submit(tenants, "warm-up", 2 * WARM_UP);
    awaitReady(bench, "warm-up", 2 * WARM_UP);
    time(tenants, "warm-up", WARM_UP);
    submit(tenants, "few", FEW);
    awaitReady(bench, "few", FEW);
    Histogram few = time(tenants, "few", bench.settings().times());
    long began = System.nanoTime();
    submit(tenants, NAME, ready);
    awaitReady(bench, NAME, ready);
    figures.add(NAME, "steps ready", ready, "");
    figures.add(NAME, "steps admitted a second", ready / ((System.nanoTime() - began) / 1e9), "/s");
    try (Connection old = bench.connect("task");
        var statement = old.createStatement()) {
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("SET idle_in_transaction_session_timeout = 0");
      statement.executeQuery("SELECT count(*) FROM worker").close();
      work(bench, ready / 5);
      Histogram many = time(tenants, NAME, bench.settings().times());
      old.rollback();
      submit(tenants, "afterwards", FEW);
      awaitReady(bench, "afterwards", FEW);
      Histogram afterwards = time(tenants, "afterwards", bench.settings().times());
      figures.add(NAME, "claims made before", ready / 5.0, "");
      double ratio = many.getValueAtPercentile(50) / (double) few.getValueAtPercentile(50);
      figures.add(NAME, "claim ratio", ratio, "", Goal.atMost(1.3));
      figures.add(NAME, "p50 among 1,000", few.getValueAtPercentile(50) / 1e6, "ms");
      figures.add(NAME, "p50 among all", many.getValueAtPercentile(50) / 1e6, "ms");
      figures.add(
          NAME, "p50 among 1,000 afterwards", afterwards.getValueAtPercentile(50) / 1e6, "ms");
      figures.add(NAME, "p99 among 1,000", few.getValueAtPercentile(99) / 1e6, "ms");
      figures.add(NAME, "p99 among all", many.getValueAtPercentile(99) / 1e6, "ms");
    }
  }

  private static List<String> tenants() {
    return IntStream.range(0, TENANTS).mapToObj(i -> "tenant-" + i).toList();
  }

  /** Steps of mixed priorities, as many for each tenant. */
  private static void submit(List<Api> tenants, String capability, int steps) throws Exception {
    AtomicInteger next = new AtomicInteger();
    int each = Math.min(MOST_STEPS_A_WORKFLOW, steps / TENANTS / PRIORITIES);
    int workflows = steps / each;
    Semaphore failed = new Semaphore(0);
    try (ExecutorService threads = Executors.newFixedThreadPool(SUBMITTERS)) {
      for (int i = 0; i < SUBMITTERS; i++) {
        threads.submit(
            () -> {
              try {
                for (int n = next.getAndIncrement(); n < workflows; n = next.getAndIncrement()) {
                  tenants
                      .get(n % TENANTS)
                      .submit(Shapes.flat(capability, each, n / TENANTS % PRIORITIES));
                }
              } catch (Exception e) {
                failed.release();
              }
            });
      }
    }
    if (failed.availablePermits() > 0) {
      throw new IllegalStateException("a submission was refused");
    }
  }

  private static void awaitReady(Bench bench, String capability, int steps) throws Exception {
    try (Connection connection = bench.connect("task");
        var statement =
            connection.prepareStatement(
                "SELECT count(*) FROM step WHERE capability = ? AND status = 'READY'")) {
      statement.setString(1, capability);
      long ready = 0;
      while (ready < steps) {
        Thread.sleep(500);
        try (var rows = statement.executeQuery()) {
          rows.next();
          ready = rows.getLong(1);
        }
      }
    }
  }

  /** Claims and completes at least that many with the real worker, one worker for each tenant. */
  private static void work(Bench bench, int steps) throws Exception {
    CountDownLatch left = new CountDownLatch(steps);
    List<Worker> workers = new ArrayList<>();
    try {
      for (String tenant : tenants()) {
        workers.add(
            bench.workerOf(
                tenant,
                NAME,
                SLOTS,
                step -> {
                  left.countDown();
                  return Outcome.completed("done");
                }));
      }
      if (!left.await(15, TimeUnit.MINUTES)) {
        throw new IllegalStateException(left.getCount() + " claims are missing");
      }
    } finally {
      workers.forEach(Worker::close);
    }
  }

  /** Claims one step after the other, of one tenant after the other. */
  private static Histogram time(List<Api> tenants, String capability, int times) throws Exception {
    Histogram nanos = new Histogram(3);
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      if (!tenants.get(i % TENANTS).claim(capability, 0)) {
        throw new IllegalStateException("nothing was ready");
      }
      nanos.recordValue(System.nanoTime() - began);
    }
    return nanos;
  }
}
