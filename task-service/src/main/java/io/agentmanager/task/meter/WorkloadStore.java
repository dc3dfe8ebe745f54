package io.agentmanager.task.meter;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The SQL of what is open, of all tenants together. Each statement reads an index of what it counts
 * alone.
 */
@Component
class WorkloadStore {
  private static final String WORKFLOWS =
      """
      SELECT status, count(*) AS workflows, coalesce(sum(open_steps), 0) AS open_steps
      FROM workflow WHERE completed_at IS NULL GROUP BY status
      """;
  private static final String RUNNING = "SELECT count(*) FROM step WHERE status = 'IN_PROGRESS'";
  private static final String BLOCKED =
      """
      SELECT blocked, count(*) AS steps FROM step
      WHERE status = 'READY' AND blocked IS NOT NULL GROUP BY blocked
      """;

  /**
   * The oldest of a capability is looked for among the first hundred of each urgency, so that a
   * million waiting steps are counted in the index and not read.
   */
  private static final String READY =
      """
      WITH counted AS (
        SELECT tenant_id, capability, count(*) AS steps FROM step
        WHERE status = 'READY' AND blocked IS NULL
        GROUP BY tenant_id, capability
      )
      SELECT c.capability, sum(c.steps) AS steps, min(first.ready_at) AS ready_at,
             coalesce(sum(c.steps) FILTER (WHERE NOT EXISTS (
               SELECT 1 FROM worker AS w
               WHERE w.tenant_id = c.tenant_id AND w.last_seen > ?::timestamptz AND NOT w.draining
                 AND c.capability = ANY (w.capabilities))), 0) AS unserved
      FROM counted AS c
      CROSS JOIN LATERAL (
        SELECT min(one.ready_at) AS ready_at
        FROM generate_series(-9, 0) AS u (urgency)
        CROSS JOIN LATERAL (
          SELECT s.ready_at FROM step AS s
          WHERE s.tenant_id = c.tenant_id AND s.capability = c.capability
            AND s.status = 'READY' AND s.blocked IS NULL AND (-s.priority) = u.urgency
          ORDER BY (-s.priority), s.position LIMIT 100
        ) AS one
      ) AS first
      GROUP BY c.capability
      """;

  private static final String LIVING =
      "SELECT count(*) FROM worker WHERE last_seen > ?::timestamptz AND NOT draining";

  private static final String SPENT =
      """
      SELECT tenant_id, sum(tokens)::bigint AS tokens, sum(cost_usd) AS cost_usd
      FROM tenant_usage WHERE day = ?::date GROUP BY tenant_id
      ORDER BY cost_usd DESC, tokens DESC, tenant_id LIMIT ?
      """;
  private final JdbcTemplate jdbc;

  WorkloadStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Workflows of a state, and how many of their steps have not ended. */
  record Workflows(String status, long workflows, long openSteps) {}

  /** Steps that wait behind something else than a worker: {@code files} or {@code backoff}. */
  record Blocked(String by, long steps) {}

  /** Steps that wait for a worker, and those that no living worker of their tenant offers to do. */
  record Ready(String capability, long steps, long unserved, Duration oldest) {}

  /** What the models of a tenant did on a day, those of its workers and those of the services. */
  record Spent(String tenant, long tokens, double costUsd) {}

  List<Workflows> workflows() {
    return jdbc.query(
        WORKFLOWS,
        (row, n) ->
            new Workflows(
                row.getString("status"), row.getLong("workflows"), row.getLong("open_steps")));
  }

  long running() {
    Long steps = jdbc.queryForObject(RUNNING, Long.class);
    return steps == null ? 0 : steps;
  }

  long living(Instant since) {
    Long workers = jdbc.queryForObject(LIVING, Long.class, since.toString());
    return workers == null ? 0 : workers;
  }

  List<Blocked> blocked() {
    return jdbc.query(
        BLOCKED, (row, n) -> new Blocked(row.getString("blocked"), row.getLong("steps")));
  }

  /** Of the tenants that spent most on a day. */
  List<Spent> spent(LocalDate day, int most) {
    return jdbc.query(
        SPENT,
        (row, n) ->
            new Spent(row.getString("tenant_id"), row.getLong("tokens"), row.getDouble("cost_usd")),
        day.toString(),
        most);
  }

  List<Ready> ready(Instant now, Duration lease) {
    return jdbc.query(
        READY,
        (row, n) -> {
          var since = row.getTimestamp("ready_at");
          return new Ready(
              row.getString("capability"),
              row.getLong("steps"),
              row.getLong("unserved"),
              since == null ? Duration.ZERO : Duration.between(since.toInstant(), now));
        },
        now.minus(lease).toString());
  }
}
