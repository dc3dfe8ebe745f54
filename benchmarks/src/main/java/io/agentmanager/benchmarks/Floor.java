package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the same PostgreSQL does one by one, with the load stopped: a claim of the best ready step,
 * a commit; the step completed, a commit.
 */
final class Floor {
  private static final int ROWS = 120_000;
  private static final int[] CLIENTS = {8, 32};
  private static final int SECONDS = 10;

  private Floor() {}

  /** Measures each kind of pairs, and sets the burst's rate, where there is one, against it. */
  static void measure(Bench bench, Figures figures) throws Exception {
    for (Pairs pairs : Pairs.values()) {
      double best = best(bench, pairs, figures);
      figures
          .find("burst", "steps per second")
          .ifPresent(
              steps ->
                  figures.add(
                      "burst",
                      "against PostgreSQL's pairs" + pairs.suffix(),
                      steps / best,
                      "",
                      Goal.atLeast(1)));
      figures.add("burst", "floor pairs per second" + pairs.suffix(), best, "/s");
    }
  }

  private static void clear(Bench bench) throws SQLException {
    execute(bench, "DROP TABLE IF EXISTS " + Pairs.TABLES);
  }

  /** Pairs a second with the better of 8 and 32 clients. */
  private static double best(Bench bench, Pairs pairs, Figures figures) throws Exception {
    double best = 0;
    for (int clients : CLIENTS) {
      clear(bench);
      execute(bench, pairs.setUp(ROWS));
      execute(bench, "VACUUM ANALYZE " + pairs.changing());
      double rate = rate(bench, pairs, clients);
      figures.add("floor", "pairs" + pairs.suffix() + ", " + clients + " clients", rate, "/s");
      best = Math.max(best, rate);
    }
    return best;
  }

  private static void execute(Bench bench, String statements) throws SQLException {
    try (Connection connection = bench.connect("task");
        var statement = connection.createStatement()) {
      statement.execute(statements);
    }
  }

  private static double rate(Bench bench, Pairs pairs, int clients) throws Exception {
    AtomicLong count = new AtomicLong();
    long began = System.nanoTime();
    long end = began + SECONDS * 1_000_000_000L;
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        String client = "client-" + i;
        all.add(
            threads.submit(
                () -> {
                  work(bench, pairs, client, end, count);
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    return count.get() / ((System.nanoTime() - began) / 1e9);
  }

  private static void work(Bench bench, Pairs pairs, String client, long end, AtomicLong count)
      throws SQLException {
    try (Connection connection = bench.connect("task");
        PreparedStatement claim = connection.prepareStatement(pairs.claim());
        PreparedStatement complete = connection.prepareStatement(pairs.complete())) {
      while (System.nanoTime() < end) {
        claim.setString(1, client);
        claim.setString(2, client + "-" + System.nanoTime());
        try (var rows = claim.executeQuery()) {
          if (!rows.next()) {
            throw new IllegalStateException("the floor ran out of steps");
          }
          complete.setString(1, rows.getString(1));
          complete.setString(2, rows.getString(2));
        }
        complete.executeUpdate();
        count.incrementAndGet();
      }
    }
  }
}
