package io.agentmanager.benchmarks;

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
 * What the same PostgreSQL does for a plain queue: a claim of the best ready step, a commit; the
 * step completed and its result written, a commit. Rows are as wide as the engine's.
 */
final class Floor {
  private static final int ROWS = 60_000;
  private static final int[] CLIENTS = {8, 32};
  private static final int SECONDS = 10;
  private static final String CLAIM =
      """
      UPDATE floor_step AS s
      SET status = 'IN_PROGRESS', attempt = attempt + 1, worker_id = ?, claim_id = ?,
          claimed_at = now(), lease_until = now() + interval '15 seconds'
      FROM (SELECT tenant_id, workflow_id, step_id FROM floor_step
            WHERE tenant_id = 'default' AND capability = 'floor' AND status = 'READY'
            ORDER BY priority DESC, position LIMIT 1 FOR UPDATE SKIP LOCKED) AS k
      WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id AND s.step_id = k.step_id
      RETURNING s.workflow_id, s.step_id
      """;
  private static final String COMPLETE =
      """
      WITH result AS (
        INSERT INTO floor_result (tenant_id, workflow_id, step_id, attempt, status, client_id,
          final_result, content_hash, created_at)
        VALUES ('default', ?, ?, 1, 'COMPLETED', 'floor', 'done',
          '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', now()))
      UPDATE floor_step SET status = 'COMPLETED', lease_until = NULL, completed_at = now()
      WHERE tenant_id = 'default' AND workflow_id = ? AND step_id = ?
      """;

  private Floor() {}

  /** Pairs a second, one by one, with the better of 8 and 32 clients. */
  static double measure(Bench bench, Figures figures) throws Exception {
    double best = 0;
    for (int clients : CLIENTS) {
      prepare(bench);
      double rate = pairs(bench, clients);
      figures.add("floor", "pairs a second with " + clients + " clients", rate, "/s");
      best = Math.max(best, rate);
    }
    return best;
  }

  private static void prepare(Bench bench) throws SQLException {
    try (Connection connection = bench.connect("task");
        var statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS floor_step, floor_result");
      statement.execute(
          """
          CREATE TABLE floor_step (
            tenant_id text NOT NULL, workflow_id text NOT NULL, step_id text NOT NULL,
            status text NOT NULL, attempt int NOT NULL, capability text NOT NULL,
            priority smallint NOT NULL, position bigint NOT NULL, worker_id text, claim_id text,
            claimed_at timestamptz, lease_until timestamptz, completed_at timestamptz,
            PRIMARY KEY (tenant_id, workflow_id, step_id)) WITH (fillfactor = 80)
          """);
      statement.execute(
          """
          CREATE INDEX floor_ready ON floor_step (tenant_id, capability, priority DESC, position)
          WHERE status = 'READY'
          """);
      statement.execute(
          """
          CREATE TABLE floor_result (
            tenant_id text NOT NULL, workflow_id text NOT NULL, step_id text NOT NULL,
            attempt int NOT NULL, status text NOT NULL, client_id text NOT NULL,
            final_result text, content_hash text NOT NULL, created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, workflow_id, step_id, attempt))
          """);
      statement.execute(
          """
          INSERT INTO floor_step (tenant_id, workflow_id, step_id, status, attempt, capability,
            priority, position)
          SELECT 'default', gen_random_uuid()::text, 'middle-' || mod(n, 8), 'READY', 0, 'floor', 0, n
          FROM generate_series(1, %d) AS n
          """
              .formatted(ROWS));
      statement.execute("VACUUM ANALYZE floor_step");
    }
  }

  private static double pairs(Bench bench, int clients) throws Exception {
    AtomicLong pairs = new AtomicLong();
    long began = System.nanoTime();
    long end = began + SECONDS * 1_000_000_000L;
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        String client = "client-" + i;
        all.add(
            threads.submit(
                () -> {
                  work(bench, client, end, pairs);
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    return pairs.get() / ((System.nanoTime() - began) / 1e9);
  }

  private static void work(Bench bench, String client, long end, AtomicLong pairs)
      throws SQLException {
    try (Connection connection = bench.connect("task");
        PreparedStatement claim = connection.prepareStatement(CLAIM);
        PreparedStatement complete = connection.prepareStatement(COMPLETE)) {
      while (System.nanoTime() < end) {
        claim.setString(1, client);
        claim.setString(2, client + "-" + System.nanoTime());
        try (var rows = claim.executeQuery()) {
          if (!rows.next()) {
            throw new IllegalStateException("the floor ran out of steps");
          }
          for (int i = 0; i < 2; i++) {
            complete.setString(1 + 2 * i, rows.getString(1));
            complete.setString(2 + 2 * i, rows.getString(2));
          }
        }
        complete.executeUpdate();
        pairs.incrementAndGet();
      }
    }
  }
}
