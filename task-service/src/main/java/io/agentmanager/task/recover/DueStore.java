package io.agentmanager.task.recover;

import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL that finds what is due. */
@Component
class DueStore {
  private static final String LOST =
      """
      SELECT tenant_id, workflow_id, step_id, attempt FROM step
      WHERE status = 'IN_PROGRESS' AND lease_until < ?::timestamptz LIMIT 500
      """;
  private static final String OVERRUNNING =
      """
      SELECT tenant_id, workflow_id, step_id, attempt FROM step
      WHERE status = 'IN_PROGRESS' AND run_until < ?::timestamptz LIMIT 500
      """;
  private static final String BACKOFFS =
      """
      SELECT tenant_id, workflow_id, step_id, attempt FROM step
      WHERE status = 'READY' AND blocked = 'backoff' AND not_before <= ?::timestamptz LIMIT 500
      """;
  private static final String DEADLINES =
      """
      SELECT tenant_id, workflow_id, '' AS step_id, 0 AS attempt FROM workflow
      WHERE deadline < ?::timestamptz AND completed_at IS NULL LIMIT 100
      """;
  private static final String PLANNING =
      """
      SELECT tenant_id, workflow_id, '' AS step_id, 0 AS attempt FROM workflow
      WHERE status = 'PLANNING' AND created_at < ?::timestamptz ORDER BY created_at DESC LIMIT 20
      """;

  private static final String AWAITED =
      """
      UPDATE workflow AS w SET asked_at = ?::timestamptz
      FROM (
        SELECT tenant_id, workflow_id FROM workflow
        WHERE status IN ('AUDITING', 'SYNTHESIZING') AND asked_at < ?::timestamptz
        ORDER BY asked_at
        LIMIT 50
        FOR UPDATE SKIP LOCKED
      ) AS due
      WHERE w.tenant_id = due.tenant_id AND w.workflow_id = due.workflow_id
      RETURNING w.tenant_id, w.workflow_id, w.status, w.cycle
      """;

  private final JdbcTemplate jdbc;

  DueStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Something due; step and attempt are blank where it is the workflow. */
  record Due(WorkflowKey workflow, StepId step, int attempt) {}

  List<Due> lostLeases(Instant now) {
    return find(LOST, now);
  }

  List<Due> overrunning(Instant now) {
    return find(OVERRUNNING, now);
  }

  List<Due> backoffsOver(Instant now) {
    return find(BACKOFFS, now);
  }

  List<Due> missedDeadlines(Instant now) {
    return find(DEADLINES, now);
  }

  List<WorkflowKey> planningSince(Instant since) {
    return find(PLANNING, since).stream().map(Due::workflow).toList();
  }

  /** A workflow in a phase that another service must end. */
  record Awaited(WorkflowKey workflow, WorkflowStatus status, int cycle) {}

  /** Those whose phase began, or was last asked for, before that time; they count as asked now. */
  List<Awaited> awaitedSince(Instant since, Instant now) {
    return jdbc.query(
        AWAITED,
        (row, n) ->
            new Awaited(
                WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
                WorkflowStatus.valueOf(row.getString("status")),
                row.getInt("cycle")),
        now.toString(),
        since.toString());
  }

  private List<Due> find(String sql, Instant time) {
    return jdbc.query(sql, (row, n) -> due(row), time.toString());
  }

  private static Due due(ResultSet row) throws SQLException {
    return new Due(
        WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
        new StepId(row.getString("step_id")),
        row.getInt("attempt"));
  }
}
