package io.agentmanager.task.write;

import static io.agentmanager.journal.Columns.doubles;
import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.lifecycle.WorkflowState;
import io.agentmanager.task.limit.UsageStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of workflow rows on the write path. */
@Component
class WorkflowStore {
  private static final String LOCK =
      """
      SELECT w.tenant_id, w.workflow_id, w.status, w.cycle, w.open_steps, w.broken_sinks,
             w.on_failure, w.audit_mode, w.max_rework_cycles, w.error::text AS error
      FROM workflow AS w
      JOIN unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
        USING (tenant_id, workflow_id)
      ORDER BY w.tenant_id, w.workflow_id
      FOR UPDATE OF w
      """;
  private static final String INSERT =
      """
      INSERT INTO workflow (tenant_id, workflow_id, status, cycle, open_steps, broken_sinks,
        on_failure, audit_mode, max_rework_cycles, deadline, created_at, asked_at)
      SELECT tenant_id, workflow_id, 'PLANNING', 0, 0, 0, on_failure, audit_mode,
             max_rework_cycles, deadline::timestamptz, created_at::timestamptz,
             created_at::timestamptz
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[])
        AS w (tenant_id, workflow_id, on_failure, audit_mode, max_rework_cycles, deadline,
          created_at)
      """;
  private static final String INSERT_DEFINITIONS =
      """
      INSERT INTO workflow_definition (tenant_id, workflow_id, description, complexity, priority,
        metadata, max_tokens, max_cost_usd)
      SELECT tenant_id, workflow_id, description, complexity, priority, metadata::jsonb,
             max_tokens::bigint, max_cost_usd::float8
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[],
                  ?::text[])
        AS w (tenant_id, workflow_id, description, complexity, priority, metadata, max_tokens,
          max_cost_usd)
      """;
  private static final String UPDATE =
      """
      UPDATE workflow AS w
      SET status = u.status, cycle = u.cycle, open_steps = u.open_steps,
          broken_sinks = u.broken_sinks, error = u.error::jsonb,
          asked_at = CASE WHEN w.status = u.status THEN w.asked_at ELSE ?::timestamptz END,
          completed_at = CASE WHEN u.finished THEN coalesce(w.completed_at, ?::timestamptz) END
      FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[],
                  ?::text[], ?::boolean[])
        AS u (tenant_id, workflow_id, status, cycle, open_steps, broken_sinks, error, finished)
      WHERE w.tenant_id = u.tenant_id AND w.workflow_id = u.workflow_id
      """;
  private static final String SPEND =
      """
      WITH fresh AS (
        INSERT INTO workflow_usage (tenant_id, workflow_id, spent_by, input_tokens, output_tokens,
          cost_usd)
        SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::float8[])
        ON CONFLICT DO NOTHING
        RETURNING tenant_id, input_tokens + output_tokens AS tokens, cost_usd
      )
      INSERT INTO tenant_usage AS t (tenant_id, day, shard, tokens, cost_usd)
      SELECT tenant_id, ?::date, ?, sum(tokens)::bigint, sum(cost_usd)
      FROM fresh GROUP BY tenant_id ORDER BY tenant_id
      ON CONFLICT (tenant_id, day, shard) DO UPDATE
      SET tokens = t.tokens + excluded.tokens, cost_usd = t.cost_usd + excluded.cost_usd
      """;
  private static final String INSERT_OUTCOME =
      """
      INSERT INTO workflow_outcome (tenant_id, workflow_id, result, sources)
      VALUES (?, ?, ?, ?::text[])
      ON CONFLICT DO NOTHING
      """;

  private final JdbcTemplate jdbc;

  WorkflowStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Something that was spent. */
  record Spent(WorkflowKey key, WriteRequest.Expense expense) {}

  /**
   * Locks workflows in the order of their keys.
   *
   * @return what is filled when the pipeline is flushed
   */
  Map<WorkflowKey, WorkflowState> lock(Pipeline pipeline, Collection<WorkflowKey> keys) {
    List<WorkflowKey> sorted = keys.stream().sorted().toList();
    Map<WorkflowKey, WorkflowState> found = new LinkedHashMap<>();
    pipeline.query(
        LOCK,
        row -> {
          WorkflowState state = state(row);
          found.put(state.key(), state);
        },
        texts(sorted, WorkflowKey::tenant),
        texts(sorted, WorkflowKey::workflow));
    return found;
  }

  /** Inserts workflows that are new here, as the planner knows them. */
  void insert(Pipeline pipeline, List<PlanDocument> documents) {
    if (documents.isEmpty()) {
      return;
    }
    @Nullable String[] tenants = texts(documents, PlanDocument::tenantId);
    @Nullable String[] workflows = texts(documents, PlanDocument::workflowId);
    pipeline.update(
        INSERT,
        tenants,
        workflows,
        texts(documents, d -> d.submission().effectiveOnFailure().name()),
        texts(documents, d -> d.submission().effectiveAudit().effectiveMode().name()),
        longs(documents, d -> d.submission().effectiveAudit().effectiveCycles()),
        texts(documents, d -> d.submission().deadline()),
        texts(documents, PlanDocument::createdAt));
    pipeline.update(
        INSERT_DEFINITIONS,
        tenants,
        workflows,
        texts(documents, d -> d.submission().description()),
        texts(documents, d -> d.submission().effectiveComplexity().name()),
        longs(documents, d -> d.submission().effectivePriority()),
        texts(documents, d -> d.submission().metadata()),
        texts(documents, d -> d.submission().effectiveBudget().maxTokens()),
        texts(documents, d -> d.submission().effectiveBudget().maxCostUsd()));
  }

  void update(Pipeline pipeline, List<WorkflowState> states, Instant now) {
    if (states.isEmpty()) {
      return;
    }
    pipeline.update(
        UPDATE,
        now.toString(),
        now.toString(),
        texts(states, s -> s.key().tenant()),
        texts(states, s -> s.key().workflow()),
        texts(states, s -> s.status().name()),
        longs(states, WorkflowState::cycle),
        longs(states, WorkflowState::openSteps),
        longs(states, WorkflowState::brokenSinks),
        texts(states, s -> json(s.error())),
        texts(states, s -> s.status().isFinished()));
  }

  /** Notes what was spent on workflows and counts it for their tenants, each once. */
  void spend(Pipeline pipeline, List<Spent> spent, LocalDate day) {
    if (spent.isEmpty()) {
      return;
    }
    pipeline.update(
        SPEND,
        texts(spent, s -> s.key().tenant()),
        texts(spent, s -> s.key().workflow()),
        texts(spent, s -> s.expense().spentBy()),
        longs(spent, s -> s.expense().usage().inputTokens()),
        longs(spent, s -> s.expense().usage().outputTokens()),
        doubles(spent, s -> s.expense().usage().costUsd()),
        day.toString(),
        UsageStore.shard());
  }

  void insertOutcome(WorkflowKey key, WriteRequest.Answer answer) {
    jdbc.update(
        INSERT_OUTCOME,
        key.tenant().value(),
        key.workflow().value(),
        answer.text(),
        answer.sources().toArray(String[]::new));
  }

  private static WorkflowState state(ResultSet row) throws SQLException {
    String error = row.getString("error");
    return new WorkflowState(
        WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
        WorkflowStatus.valueOf(row.getString("status")),
        row.getInt("cycle"),
        row.getInt("open_steps"),
        row.getInt("broken_sinks"),
        OnFailure.valueOf(row.getString("on_failure")),
        AuditMode.valueOf(row.getString("audit_mode")),
        row.getInt("max_rework_cycles"),
        error == null ? null : WireJson.mapper().readValue(error, StepError.class),
        Map.of());
  }

  private static @Nullable String json(@Nullable Object value) {
    return value == null ? null : WireJson.mapper().writeValueAsString(value);
  }
}
