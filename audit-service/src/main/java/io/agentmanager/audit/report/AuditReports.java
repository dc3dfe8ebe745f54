package io.agentmanager.audit.report;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.audit.Verdict;
import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.event.WorkflowEvent.AuditFailed;
import io.agentmanager.contracts.event.WorkflowEvent.AuditPassed;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.database.TenantReads;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalRelay;
import io.agentmanager.journal.JournalStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Keeps reports, one a workflow and cycle, and publishes what they came to. */
@Component
public class AuditReports {
  private static final String INSERT =
      """
      INSERT INTO audit_report (tenant_id, workflow_id, cycle, report, usage, created_at)
      VALUES (?, ?, ?, ?::jsonb, ?::jsonb, ?::timestamptz)
      ON CONFLICT DO NOTHING
      """;
  private static final String OF_WORKFLOW =
      """
      SELECT report::text FROM audit_report
      WHERE tenant_id = ? AND workflow_id = ? ORDER BY cycle
      """;
  private static final String OF_CYCLE =
      """
      SELECT report::text FROM audit_report
      WHERE tenant_id = ? AND workflow_id = ? AND cycle = ?
      """;
  private static final String FINISHED =
      """
      INSERT INTO finished_workflow (tenant_id, workflow_id, finished_at)
      SELECT tenant_id, workflow_id, ?::timestamptz
      FROM unnest(?::text[], ?::text[]) AS f (tenant_id, workflow_id)
      ON CONFLICT DO NOTHING
      """;
  private static final String REMOVE =
      """
      WITH old AS (
        SELECT tenant_id, workflow_id FROM finished_workflow
        WHERE finished_at < ?::timestamptz
        ORDER BY finished_at
        LIMIT ?
        FOR UPDATE SKIP LOCKED
      ), reports AS (
        DELETE FROM audit_report AS r USING old
        WHERE r.tenant_id = old.tenant_id AND r.workflow_id = old.workflow_id
      )
      DELETE FROM finished_workflow AS f USING old
      WHERE f.tenant_id = old.tenant_id AND f.workflow_id = old.workflow_id
      RETURNING f.tenant_id, f.workflow_id
      """;
  private final JdbcTemplate jdbc;
  private final TenantReads reads;
  private final JournalStore journal;
  private final JournalRelay relay;
  private final TransactionTemplate transaction;
  private final InstantSource clock;

  AuditReports(
      JdbcTemplate jdbc,
      TenantReads reads,
      JournalStore journal,
      JournalRelay relay,
      TransactionTemplate transaction,
      InstantSource clock) {
    this.jdbc = jdbc;
    this.reads = reads;
    this.journal = journal;
    this.relay = relay;
    this.transaction = transaction;
    this.clock = clock;
  }

  /** The reports of a workflow, first audit first. */
  List<AuditReport> of(WorkflowKey key) {
    return reads.query(
        key.tenant(),
        OF_WORKFLOW,
        (row, n) -> WireJson.mapper().readValue(row.getString(1), AuditReport.class),
        key.tenant().value(),
        key.workflow().value());
  }

  /** The report of one cycle. */
  public Optional<AuditReport> of(WorkflowKey key, int cycle) {
    return reads.first(
        key.tenant(),
        OF_CYCLE,
        (row, n) -> WireJson.mapper().readValue(row.getString(1), AuditReport.class),
        key.tenant().value(),
        key.workflow().value(),
        cycle);
  }

  /**
   * Keeps the first report of a cycle and publishes it; another one changes nothing.
   *
   * @param exhausted whether a failed audit ends the workflow
   */
  public void keep(WorkflowKey key, AuditReport report, Verdict verdict, boolean exhausted) {
    Instant now = clock.instant();
    transaction.executeWithoutResult(
        status -> {
          int inserted =
              jdbc.update(
                  INSERT,
                  key.tenant().value(),
                  key.workflow().value(),
                  report.cycle(),
                  WireJson.mapper().writeValueAsString(report),
                  WireJson.mapper().writeValueAsString(verdict.usage()),
                  now.toString());
          if (inserted > 0) {
            journal.append(List.of(entry(key, report, verdict, exhausted)), now);
          }
        });
    relay.wake();
  }

  /** These have ended: from now on counts the time that their reports are kept. */
  public void finished(List<WorkflowKey> keys) {
    jdbc.update(
        FINISHED,
        clock.instant().toString(),
        texts(keys, WorkflowKey::tenant),
        texts(keys, WorkflowKey::workflow));
  }

  /** Publishes the verdict of a cycle once more. */
  public void publishAgain(WorkflowKey key, int cycle) {
    transaction.executeWithoutResult(
        status ->
            journal.repeat(
                key,
                Set.of(EventKind.AUDIT_PASSED, EventKind.AUDIT_FAILED),
                cycle,
                clock.instant()));
    relay.wake();
  }

  /** Removes the reports of workflows that ended before that time; returns how many workflows. */
  public int removeFinishedBefore(Instant time, int limit) {
    Integer removed = transaction.execute(status -> removeWithin(time, limit));
    return removed == null ? 0 : removed;
  }

  private int removeWithin(Instant time, int limit) {
    List<WorkflowKey> removed =
        jdbc.query(
            REMOVE,
            (row, n) -> WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
            time.toString(),
            limit);
    journal.remove(removed);
    return removed.size();
  }

  private static JournalEntry entry(
      WorkflowKey key, AuditReport report, Verdict verdict, boolean exhausted) {
    WorkflowEvent event =
        report.isSuccessful()
            ? new AuditPassed(key.tenant(), key.workflow(), report.cycle(), verdict.usage())
            : new AuditFailed(
                key.tenant(),
                key.workflow(),
                report.cycle(),
                exhausted
                    ? List.of()
                    : report.reworkSuggestions().stream().map(s -> new StepId(s.stepId())).toList(),
                exhausted,
                verdict.usage());
    return JournalEntry.published(report.isSuccessful() ? "audit.passed" : "audit.failed", event);
  }
}
