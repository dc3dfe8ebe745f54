package io.agentmanager.task.retention;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.id.WorkflowKey;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of removal. The journal removes its own. */
@Component
class RetentionStore {
  /** A workflow goes only when everything that it told Kafka was relayed. */
  private static final String LOCK_ENDED =
      """
      SELECT w.tenant_id, w.workflow_id FROM workflow AS w
      WHERE w.completed_at < ?::timestamptz
        AND NOT EXISTS (
          SELECT 1 FROM journal AS j
          WHERE j.tenant_id = w.tenant_id AND j.workflow_id = w.workflow_id
            AND j.seq > (SELECT seq FROM relay_cursor WHERE name = 'kafka'))
      ORDER BY w.completed_at
      LIMIT ?
      FOR UPDATE OF w SKIP LOCKED
      """;

  private static final String BURY =
      """
      INSERT INTO workflow_tombstone (tenant_id, workflow_id, status, completed_at, removed_at)
      SELECT w.tenant_id, w.workflow_id, w.status, w.completed_at, ?::timestamptz
      FROM unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
      JOIN workflow AS w USING (tenant_id, workflow_id)
      ON CONFLICT DO NOTHING
      """;

  /**
   * Every table that is keyed by workflow, what hangs on others first; but for those of live
   * streams, which empty themselves.
   */
  private static final List<String> TABLES =
      List.of(
          "step_iteration",
          "step_result",
          "step_approval",
          "rework_note",
          "file_lock",
          "lock_wait",
          "step_definition",
          "step",
          "workflow_usage",
          "workflow_outcome",
          "workflow_definition",
          "workflow");

  private static final String REMOVE =
      """
      DELETE FROM %s AS t
      USING unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
      WHERE t.tenant_id = k.tenant_id AND t.workflow_id = k.workflow_id
      """;
  private static final String REMOVE_TOMBSTONES =
      """
      DELETE FROM workflow_tombstone AS t
      USING (SELECT tenant_id, workflow_id FROM workflow_tombstone
             WHERE removed_at < ?::timestamptz ORDER BY removed_at LIMIT 1000) AS old
      WHERE t.tenant_id = old.tenant_id AND t.workflow_id = old.workflow_id
      """;
  private static final String REMOVE_WORKERS =
      """
      DELETE FROM worker AS w
      WHERE w.last_seen < ?::timestamptz
        AND NOT EXISTS (
          SELECT 1 FROM step AS s
          WHERE s.tenant_id = w.tenant_id AND s.worker_id = w.worker_id
            AND s.status = 'IN_PROGRESS')
      """;

  private static final String REMOVE_USAGE = "DELETE FROM tenant_usage WHERE day < ?::date";

  private final JdbcTemplate jdbc;

  RetentionStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  List<WorkflowKey> lockEndedBefore(Instant time, int limit) {
    return jdbc.query(
        LOCK_ENDED,
        (row, n) -> WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
        time.toString(),
        limit);
  }

  /** Leaves a tombstone for each and removes the rest. */
  void remove(List<WorkflowKey> keys, Instant now) {
    String[] tenants = texts(keys, WorkflowKey::tenant);
    String[] workflows = texts(keys, WorkflowKey::workflow);
    jdbc.update(BURY, now.toString(), tenants, workflows);
    TABLES.forEach(table -> jdbc.update(REMOVE.formatted(table), tenants, workflows));
  }

  /** Returns how many were removed. */
  int removeTombstonesBefore(Instant time) {
    return jdbc.update(REMOVE_TOMBSTONES, time.toString());
  }

  void removeUsageBefore(LocalDate day) {
    jdbc.update(REMOVE_USAGE, day.toString());
  }

  void removeWorkersSilentSince(Instant time) {
    jdbc.update(REMOVE_WORKERS, time.toString());
  }
}
