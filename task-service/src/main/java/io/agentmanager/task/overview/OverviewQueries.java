package io.agentmanager.task.overview;

import io.agentmanager.contracts.api.Overview.EndedWorkflow;
import io.agentmanager.contracts.api.Overview.OpenWorkflow;
import io.agentmanager.contracts.api.Overview.Queue;
import io.agentmanager.contracts.api.Overview.Stuck;
import io.agentmanager.contracts.api.Overview.WorkerBrief;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.database.TenantReads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The SQL of the overview. What is counted is counted in partial indexes of what has not ended, and
 * each statement names the condition of its index.
 */
@Component
class OverviewQueries {
  private static final String WORKFLOWS =
      """
      SELECT status, count(*) AS workflows FROM workflow
      WHERE tenant_id = ? AND completed_at IS NULL GROUP BY status
      """;
  private static final String STEPS =
      """
      SELECT 'working' AS state, count(*) AS steps FROM step
      WHERE tenant_id = ? AND status = 'IN_PROGRESS'
      UNION ALL
      SELECT blocked, count(*) FROM step
      WHERE tenant_id = ? AND status = 'READY' AND blocked IS NOT NULL GROUP BY blocked
      """;

  /**
   * The oldest is looked for among the hundred that are claimed next, so that a million waiting
   * steps are counted in the index and not read. They are named by their order alone: behind
   * row-level security an expression of the index is no condition that it could look up.
   */
  private static final String QUEUES =
      """
      WITH counted AS MATERIALIZED (
        SELECT capability, count(*) AS steps FROM step
        WHERE tenant_id = ? AND status = 'READY' AND blocked IS NULL
        GROUP BY capability
      ), offering AS MATERIALIZED (
        SELECT offered.capability, count(*) AS workers
        FROM worker AS w CROSS JOIN LATERAL unnest(w.capabilities) AS offered (capability)
        WHERE w.tenant_id = ? AND w.last_seen > ?::timestamptz AND NOT w.draining
        GROUP BY offered.capability
      ), most AS MATERIALIZED (
        SELECT n.capability, n.steps, sum(n.steps) OVER () AS all_steps,
               coalesce(o.workers, 0) AS workers
        FROM counted AS n LEFT JOIN offering AS o ON o.capability = n.capability
        ORDER BY coalesce(o.workers, 0) = 0 DESC, n.steps DESC, n.capability LIMIT 200
      )
      SELECT c.capability, c.steps, c.all_steps, first.ready_at, c.workers
      FROM most AS c
      CROSS JOIN LATERAL (
        SELECT min(one.ready_at) AS ready_at FROM (
          SELECT s.ready_at FROM step AS s
          WHERE s.tenant_id = ? AND s.capability = c.capability
            AND s.status = 'READY' AND s.blocked IS NULL
          ORDER BY (-s.priority), s.position LIMIT 100
        ) AS one
      ) AS first
      ORDER BY first.ready_at NULLS LAST, c.capability
      """;

  private static final String OPEN =
      """
      WITH shown AS (
        (SELECT workflow_id FROM workflow WHERE tenant_id = ? AND completed_at IS NULL
         ORDER BY created_at DESC LIMIT 25)
        UNION
        (SELECT workflow_id FROM workflow WHERE tenant_id = ? AND completed_at IS NULL
         ORDER BY created_at LIMIT 25)
      )
      SELECT w.workflow_id, w.status, left(d.description, 200) AS description, w.open_steps,
             w.created_at, coalesce(last.at, w.created_at) AS last_at
      FROM shown
      JOIN workflow AS w ON w.tenant_id = ? AND w.workflow_id = shown.workflow_id
      JOIN workflow_definition AS d
        ON d.tenant_id = w.tenant_id AND d.workflow_id = w.workflow_id
      LEFT JOIN LATERAL (
        SELECT j.at FROM journal AS j
        WHERE j.tenant_id = w.tenant_id AND j.workflow_id = w.workflow_id
        ORDER BY j.seq DESC LIMIT 1
      ) AS last ON true
      ORDER BY w.created_at DESC, w.workflow_id DESC
      """;

  private static final String ENDED =
      """
      WITH newest AS MATERIALIZED (
        SELECT workflow_id, status, created_at, completed_at FROM workflow
        WHERE tenant_id = ? ORDER BY created_at DESC, workflow_id DESC LIMIT 500
      )
      SELECT n.workflow_id, n.status, n.created_at, n.completed_at,
             left(d.description, 200) AS description
      FROM (SELECT * FROM newest WHERE completed_at IS NOT NULL
            ORDER BY completed_at DESC LIMIT 10) AS n
      JOIN workflow_definition AS d ON d.tenant_id = ? AND d.workflow_id = n.workflow_id
      ORDER BY n.completed_at DESC
      """;

  private static final String ASKING =
      """
      SELECT a.workflow_id, a.step_id, a.asked_at AS ready_at
      FROM step_approval AS a
      JOIN step AS s USING (tenant_id, workflow_id, step_id)
      WHERE a.tenant_id = ? AND a.decision IS NULL AND a.asked_at < ?::timestamptz
        AND s.status = 'AWAITING_APPROVAL'
      ORDER BY a.asked_at LIMIT 50
      """;

  /** Of the oldest 200: what waits for a service, or has no step that anybody could work on. */
  private static final String QUIET =
      """
      SELECT w.workflow_id, w.status, last.at
      FROM (SELECT workflow_id, status FROM workflow
            WHERE tenant_id = ? AND completed_at IS NULL AND created_at < ?::timestamptz
            ORDER BY created_at LIMIT 200) AS w
      CROSS JOIN LATERAL (
        SELECT j.at FROM journal AS j
        WHERE j.tenant_id = ? AND j.workflow_id = w.workflow_id
        ORDER BY j.seq DESC LIMIT 1
      ) AS last
      WHERE last.at < ?::timestamptz
        AND (w.status IN ('PLANNING', 'AUDITING', 'SYNTHESIZING')
          OR NOT EXISTS (
            SELECT 1 FROM step AS s
            WHERE s.tenant_id = ? AND s.workflow_id = w.workflow_id
              AND s.status IN ('READY', 'IN_PROGRESS', 'AWAITING_APPROVAL')))
      ORDER BY last.at LIMIT 50
      """;

  private static final String WORKERS =
      """
      SELECT w.worker_id, w.capabilities[1:20] AS capabilities, w.max_parallel, w.last_seen,
             held.steps
      FROM (SELECT * FROM worker WHERE tenant_id = ? ORDER BY last_seen DESC, worker_id LIMIT 100)
        AS w
      CROSS JOIN LATERAL (
        SELECT count(*) AS steps FROM step AS s
        WHERE s.tenant_id = ? AND s.worker_id = w.worker_id AND s.status = 'IN_PROGRESS'
      ) AS held
      ORDER BY w.last_seen DESC, w.worker_id
      """;
  private static final String LIVING =
      "SELECT count(*) FROM worker WHERE tenant_id = ? AND last_seen > ?::timestamptz";

  private static final String UNCLAIMED =
      """
      SELECT workflow_id, step_id, ready_at FROM (
        SELECT workflow_id, step_id, ready_at FROM step
        WHERE tenant_id = ? AND capability = ? AND status = 'READY' AND blocked IS NULL
        ORDER BY (-priority), position LIMIT 100
      ) AS next
      WHERE ready_at < ?::timestamptz ORDER BY ready_at LIMIT 10
      """;
  private static final String WITHOUT_FILES =
      """
      SELECT workflow_id, step_id, ready_at FROM step
      WHERE tenant_id = ? AND status = 'READY' AND blocked = 'files' AND ready_at < ?::timestamptz
      ORDER BY ready_at LIMIT 50
      """;

  private final TenantReads reads;

  OverviewQueries(TenantReads reads) {
    this.reads = reads;
  }

  Map<WorkflowStatus, Long> workflows(TenantId tenant) {
    Map<WorkflowStatus, Long> counted = new EnumMap<>(WorkflowStatus.class);
    reads.query(
        tenant,
        WORKFLOWS,
        (row, n) ->
            counted.put(WorkflowStatus.valueOf(row.getString("status")), row.getLong("workflows")),
        tenant.value());
    return counted;
  }

  /** Steps by what they wait for, or {@code working}; those that wait for a worker are left out. */
  Map<String, Long> steps(TenantId tenant) {
    Map<String, Long> counted = new HashMap<>();
    reads.query(
        tenant,
        STEPS,
        (row, n) -> counted.put(row.getString("state"), row.getLong("steps")),
        tenant.value(),
        tenant.value());
    return counted;
  }

  /**
   * What waits for a worker, in the longest queues.
   *
   * @param steps in all queues together
   */
  record Queues(long steps, List<Queue> longest) {}

  /** What waits for a worker; those count that were heard of since. */
  Queues queues(TenantId tenant, Instant since) {
    AtomicLong steps = new AtomicLong();
    List<Queue> longest =
        reads.query(
            tenant,
            QUEUES,
            (row, n) -> {
              steps.set(row.getLong("all_steps"));
              return queue(row);
            },
            tenant.value(),
            tenant.value(),
            since.toString(),
            tenant.value());
    return new Queues(steps.get(), longest);
  }

  private static Queue queue(ResultSet row) throws SQLException {
    return new Queue(
        row.getString("capability"),
        row.getLong("steps"),
        instant(row, "ready_at"),
        row.getLong("workers"));
  }

  List<OpenWorkflow> open(TenantId tenant) {
    return reads.query(
        tenant, OPEN, (row, n) -> open(row), tenant.value(), tenant.value(), tenant.value());
  }

  /** Those heard of last; silent are those that were not heard of since a moment. */
  List<WorkerBrief> workers(TenantId tenant, Instant since) {
    return reads.query(
        tenant, WORKERS, (row, n) -> worker(row, since), tenant.value(), tenant.value());
  }

  /** How many were heard of since a moment. */
  long living(TenantId tenant, Instant since) {
    return reads
        .query(tenant, LIVING, (row, n) -> row.getLong(1), tenant.value(), since.toString())
        .getFirst();
  }

  private static WorkerBrief worker(ResultSet row, Instant since) throws SQLException {
    Instant seen = row.getTimestamp("last_seen").toInstant();
    return new WorkerBrief(
        row.getString("worker_id"),
        seen.isBefore(since) ? "silent" : "active",
        Arrays.asList((String[]) row.getArray("capabilities").getArray()),
        row.getInt("max_parallel"),
        row.getInt("steps"),
        seen);
  }

  List<EndedWorkflow> ended(TenantId tenant) {
    return reads.query(
        tenant,
        ENDED,
        (row, n) ->
            new EndedWorkflow(
                row.getString("workflow_id"),
                WorkflowStatus.valueOf(row.getString("status")),
                row.getString("description"),
                row.getTimestamp("created_at").toInstant(),
                row.getTimestamp("completed_at").toInstant()),
        tenant.value(),
        tenant.value());
  }

  private static OpenWorkflow open(ResultSet row) throws SQLException {
    return new OpenWorkflow(
        row.getString("workflow_id"),
        WorkflowStatus.valueOf(row.getString("status")),
        row.getString("description"),
        row.getInt("open_steps"),
        row.getTimestamp("created_at").toInstant(),
        row.getTimestamp("last_at").toInstant());
  }

  /** The first that wait since before a moment for a worker with a capability. */
  List<Stuck> unclaimed(TenantId tenant, String capability, Instant before, String reason) {
    return reads.query(
        tenant,
        UNCLAIMED,
        (row, n) -> stuck(row, reason),
        tenant.value(),
        capability,
        before.toString());
  }

  /** Those that wait for files since before a moment, the longest wait first. */
  List<Stuck> withoutFiles(TenantId tenant, Instant before, String reason) {
    return reads.query(
        tenant, WITHOUT_FILES, (row, n) -> stuck(row, reason), tenant.value(), before.toString());
  }

  /** Steps that ask a person since before a moment, the longest wait first. */
  List<Stuck> asking(TenantId tenant, Instant before, String reason) {
    return reads.query(
        tenant, ASKING, (row, n) -> stuck(row, reason), tenant.value(), before.toString());
  }

  /** A workflow of which nothing was heard. */
  record Silent(String workflowId, WorkflowStatus status, Instant since) {}

  /** Workflows that should go on by themselves and had no news since a moment. */
  List<Silent> quiet(TenantId tenant, Instant before) {
    return reads.query(
        tenant,
        QUIET,
        (row, n) ->
            new Silent(
                row.getString("workflow_id"),
                WorkflowStatus.valueOf(row.getString("status")),
                row.getTimestamp("at").toInstant()),
        tenant.value(),
        before.toString(),
        tenant.value(),
        before.toString(),
        tenant.value());
  }

  private static Stuck stuck(ResultSet row, String reason) throws SQLException {
    return new Stuck(
        row.getString("workflow_id"),
        row.getString("step_id"),
        row.getTimestamp("ready_at").toInstant(),
        reason);
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    Timestamp value = row.getTimestamp(column);
    return value == null ? null : value.toInstant();
  }
}
