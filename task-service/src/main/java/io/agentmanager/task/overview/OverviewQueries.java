package io.agentmanager.task.overview;

import io.agentmanager.contracts.api.Overview.EndedWorkflow;
import io.agentmanager.contracts.api.Overview.OpenWorkflow;
import io.agentmanager.contracts.api.Overview.Queue;
import io.agentmanager.contracts.api.Overview.Steps;
import io.agentmanager.contracts.api.Overview.Stuck;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.database.TenantReads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The SQL of the overview. What is counted is counted in partial indexes of what has not ended. */
@Component
class OverviewQueries {
  private static final String WORKFLOWS =
      """
      SELECT status, count(*) AS workflows FROM workflow
      WHERE tenant_id = ? AND completed_at IS NULL GROUP BY status
      """;
  private static final String STEPS =
      """
      SELECT coalesce(blocked, status) AS state, count(*) AS steps FROM step
      WHERE tenant_id = ? AND status IN ('READY', 'IN_PROGRESS') GROUP BY 1
      """;

  /**
   * The oldest is looked for among the first hundred of each urgency, so that a million waiting
   * steps are counted in the index and not read.
   */
  private static final String QUEUES =
      """
      WITH counted AS (
        SELECT capability, count(*) AS steps FROM step
        WHERE tenant_id = ? AND status = 'READY' AND blocked IS NULL
        GROUP BY capability
      )
      SELECT c.capability, c.steps, first.ready_at, offering.workers
      FROM counted AS c
      CROSS JOIN LATERAL (
        SELECT min(one.ready_at) AS ready_at
        FROM generate_series(-9, 0) AS u (urgency)
        CROSS JOIN LATERAL (
          SELECT s.ready_at FROM step AS s
          WHERE s.tenant_id = ? AND s.capability = c.capability
            AND s.status = 'READY' AND s.blocked IS NULL AND (-s.priority) = u.urgency
          ORDER BY s.position LIMIT 100
        ) AS one
      ) AS first
      CROSS JOIN LATERAL (
        SELECT count(*) AS workers FROM worker AS w
        WHERE w.tenant_id = ? AND w.last_seen > ?::timestamptz AND NOT w.draining
          AND c.capability = ANY (w.capabilities)
      ) AS offering
      ORDER BY first.ready_at NULLS LAST, c.capability
      LIMIT 200
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
      FROM newest AS n
      JOIN workflow_definition AS d ON d.tenant_id = ? AND d.workflow_id = n.workflow_id
      WHERE n.completed_at IS NOT NULL
      ORDER BY n.completed_at DESC LIMIT 10
      """;
  private static final String UNCLAIMED =
      """
      SELECT workflow_id, step_id, ready_at FROM step
      WHERE tenant_id = ? AND capability = ? AND status = 'READY' AND blocked IS NULL
        AND ready_at < ?::timestamptz
      ORDER BY (-priority), position LIMIT 10
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

  Steps steps(TenantId tenant) {
    Map<String, Long> counted = new HashMap<>();
    reads.query(
        tenant,
        STEPS,
        (row, n) -> counted.put(row.getString("state"), row.getLong("steps")),
        tenant.value());
    return new Steps(
        counted.getOrDefault("READY", 0L),
        counted.getOrDefault("IN_PROGRESS", 0L),
        counted.getOrDefault("files", 0L),
        counted.getOrDefault("backoff", 0L));
  }

  /** What waits for a worker; those count that were heard of since. */
  List<Queue> queues(TenantId tenant, Instant since) {
    return reads.query(
        tenant,
        QUEUES,
        (row, n) ->
            new Queue(
                row.getString("capability"),
                row.getLong("steps"),
                instant(row, "ready_at"),
                row.getLong("workers")),
        tenant.value(),
        tenant.value(),
        tenant.value(),
        since.toString());
  }

  List<OpenWorkflow> open(TenantId tenant) {
    return reads.query(
        tenant, OPEN, (row, n) -> open(row), tenant.value(), tenant.value(), tenant.value());
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
