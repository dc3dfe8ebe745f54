package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.Artefact;
import io.agentmanager.contracts.api.AttemptResult;
import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Complexity;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.api.WorkflowView;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.database.TenantReads;
import io.agentmanager.task.write.SpentSql;
import io.agentmanager.task.write.StepApprovals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The SQL of everything that is only read about workflows. */
@Component
class WorkflowQueries {
  private static final String EXISTS =
      "SELECT status FROM workflow WHERE tenant_id = ? AND workflow_id = ?";
  private static final String GONE =
      """
      SELECT 1 FROM workflow_tombstone WHERE tenant_id = ? AND workflow_id = ?
      """;
  private static final int LONGEST_LISTED = 20_000;
  private static final String HEAD =
      """
      SELECT w.workflow_id, w.status, w.cycle, w.audit_mode, w.max_rework_cycles,
             w.error::text AS error, w.deadline, w.created_at, w.completed_at, d.description,
             d.complexity, d.priority, d.metadata::text AS metadata, d.max_tokens, d.max_cost_usd,
             o.result, o.sources, u.input_tokens, u.output_tokens, u.cost_usd,
             c.total, c.pending, c.ready, c.in_progress, c.awaiting_approval, c.completed, c.failed, c.cancelled
      FROM workflow AS w
      JOIN workflow_definition AS d USING (tenant_id, workflow_id)
      LEFT JOIN workflow_outcome AS o USING (tenant_id, workflow_id)
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
               coalesce(sum(output_tokens), 0)::bigint AS output_tokens,
               coalesce(sum(cost_usd), 0) AS cost_usd
        FROM (
      """
          + SpentSql.ROWS
          + """
            ) AS spent
          ) AS u
          CROSS JOIN LATERAL (
            SELECT count(*) AS total,
                   count(*) FILTER (WHERE s.status = 'PENDING') AS pending,
                   count(*) FILTER (WHERE s.status = 'READY') AS ready,
                   count(*) FILTER (WHERE s.status = 'IN_PROGRESS') AS in_progress,
                   count(*) FILTER (WHERE s.status = 'AWAITING_APPROVAL') AS awaiting_approval,
                   count(*) FILTER (WHERE s.status = 'COMPLETED') AS completed,
                   count(*) FILTER (WHERE s.status = 'FAILED') AS failed,
                   count(*) FILTER (WHERE s.status = 'CANCELLED') AS cancelled
            FROM step AS s
            WHERE s.tenant_id = w.tenant_id AND s.workflow_id = w.workflow_id
          ) AS c
          """;
  private static final String ONE = HEAD + "WHERE w.tenant_id = ? AND w.workflow_id = ?";

  /** In a list, long answers are left out: two hundred of a megabyte are too much for anybody. */
  private static final String PAGE =
      HEAD.replace(
              "o.result,",
              "CASE WHEN length(o.result) <= " + LONGEST_LISTED + " THEN o.result END AS result,")
          + """
          WHERE w.tenant_id = ?
            AND (?::text IS NULL OR w.status = ?)
            AND (?::timestamptz IS NULL OR w.created_at > ?::timestamptz)
            AND (?::jsonb IS NULL OR NOT EXISTS (
              SELECT 1 FROM jsonb_each_text(?::jsonb) AS wanted
              WHERE coalesce(d.metadata, '{}') ->> wanted.key IS DISTINCT FROM wanted.value))
            AND (?::timestamptz IS NULL OR (w.created_at, w.workflow_id) < (?::timestamptz, ?))
          ORDER BY w.created_at DESC, w.workflow_id DESC
          LIMIT ?
          """;

  private static final String STEPS =
      """
      SELECT d.step_id, d.spec::text AS spec, cardinality(d.dependents) = 0 AS sink, present.*
      FROM step_definition AS d
      CROSS JOIN LATERAL (
        SELECT s.status, s.attempt, s.worker_id, s.started_at, s.completed_at, r.final_result,
               r.input_tokens, r.output_tokens, r.cost_usd
        FROM step AS s
        LEFT JOIN step_result AS r
          ON r.tenant_id = s.tenant_id AND r.workflow_id = s.workflow_id AND r.step_id = s.step_id
         AND r.attempt = s.attempt AND s.status = 'COMPLETED'
        WHERE s.tenant_id = d.tenant_id AND s.workflow_id = d.workflow_id
          AND s.step_id = d.step_id
        LIMIT 1
      ) AS present
      WHERE d.tenant_id = ? AND d.workflow_id = ?
      ORDER BY d.ordinal
      """;
  private static final String STEP = STEPS.replace("ORDER BY d.ordinal", "AND d.step_id = ?");
  private static final String NOTES =
      """
      SELECT step_id, note FROM rework_note
      WHERE tenant_id = ? AND workflow_id = ? ORDER BY step_id, cycle
      """;
  private static final String APPROVALS =
      """
      SELECT DISTINCT ON (step_id) step_id, attempt, asked::text AS asked, asked_at, decision,
             comment, decided_by, decided_at
      FROM step_approval
      WHERE tenant_id = ? AND workflow_id = ?
      ORDER BY step_id, attempt DESC
      """;
  private static final String ATTEMPT_RESULTS =
      """
      SELECT r.attempt, r.status, r.client_id, r.final_result, r.source_agent, r.execution_time,
             r.error::text AS error, r.input_tokens, r.output_tokens, r.cost_usd,
             r.artefacts::text AS artefacts, r.created_at
      FROM step_result AS r
      WHERE r.tenant_id = ? AND r.workflow_id = ? AND r.step_id = ?
      ORDER BY r.attempt
      """;
  private static final String STEP_ITERATIONS =
      """
      SELECT step_id, attempt, body::text AS body
      FROM step_iteration
      WHERE tenant_id = ? AND workflow_id = ? AND (?::text IS NULL OR step_id = ?)
      ORDER BY step_id, attempt, index
      """;
  private static final String NEEDED_BY =
      """
      SELECT 1
      FROM step AS s
      JOIN worker AS w ON w.tenant_id = s.tenant_id AND w.worker_id = s.worker_id
      JOIN step_definition AS d
        ON d.tenant_id = s.tenant_id AND d.workflow_id = s.workflow_id AND d.step_id = s.step_id
      WHERE s.tenant_id = ? AND s.workflow_id = ? AND s.status = 'IN_PROGRESS'
        AND w.owner = ? AND ? = ANY (d.dependencies)
      LIMIT 1
      """;
  private static final String STEP_EXISTS =
      "SELECT 1 FROM step WHERE tenant_id = ? AND workflow_id = ? AND step_id = ?";

  private static final String SOURCES =
      "SELECT sources FROM workflow_outcome WHERE tenant_id = ? AND workflow_id = ?";

  private final TenantReads reads;

  WorkflowQueries(TenantReads reads) {
    this.reads = reads;
  }

  /** Which workflows of a page. */
  record Filter(
      @Nullable WorkflowStatus status,
      @Nullable Instant createdAfter,
      Map<String, String> metadata,
      @Nullable Instant beforeCreated,
      @Nullable String beforeId,
      int limit) {}

  /** A step with what the views need. */
  record StepRow(
      StepSpec spec,
      boolean sink,
      StepStatus status,
      int attempt,
      @Nullable String worker,
      @Nullable Instant startedAt,
      @Nullable Instant completedAt,
      @Nullable String finalResult,
      Usage usage) {}

  boolean exists(WorkflowKey key) {
    return status(key).isPresent();
  }

  /** Whether the workflow was there once and was removed. */
  boolean isGone(WorkflowKey key) {
    return reads.any(key.tenant(), GONE, key.tenant().value(), key.workflow().value());
  }

  Optional<WorkflowStatus> status(WorkflowKey key) {
    return reads.first(
        key.tenant(),
        EXISTS,
        (row, n) -> WorkflowStatus.valueOf(row.getString("status")),
        key.tenant().value(),
        key.workflow().value());
  }

  Optional<WorkflowView> view(WorkflowKey key) {
    List<StepView> steps = stepViews(key);
    return reads.first(
        key.tenant(),
        ONE,
        (row, n) -> view(row, steps),
        key.tenant().value(),
        key.workflow().value());
  }

  /** One more than the limit where there are more. */
  List<WorkflowView> page(TenantId tenant, Filter filter) {
    String status = filter.status() == null ? null : filter.status().name();
    String after = filter.createdAfter() == null ? null : filter.createdAfter().toString();
    String metadata =
        filter.metadata().isEmpty()
            ? null
            : WireJson.mapper().writeValueAsString(filter.metadata());
    String before = filter.beforeCreated() == null ? null : filter.beforeCreated().toString();
    return reads.query(
        tenant,
        PAGE,
        (row, n) -> view(row, null),
        tenant.value(),
        status,
        status,
        after,
        after,
        metadata,
        metadata,
        before,
        before,
        filter.beforeId(),
        filter.limit() + 1);
  }

  List<StepRow> steps(WorkflowKey key) {
    return reads.query(
        key.tenant(),
        STEPS,
        (row, n) -> stepRow(row),
        key.tenant().value(),
        key.workflow().value());
  }

  Optional<StepRow> step(StepKey key) {
    return reads.first(
        key.workflow().tenant(),
        STEP,
        (row, n) -> stepRow(row),
        key.workflow().tenant().value(),
        key.workflow().workflow().value(),
        key.step().value());
  }

  /** Whether a worker of that caller holds a step now that depends on this one. */
  boolean isNeededBy(String caller, StepKey key) {
    return reads.any(
        key.workflow().tenant(),
        NEEDED_BY,
        key.workflow().tenant().value(),
        key.workflow().workflow().value(),
        caller,
        key.step().value());
  }

  boolean stepExists(StepKey key) {
    return reads.any(
        key.workflow().tenant(),
        STEP_EXISTS,
        key.workflow().tenant().value(),
        key.workflow().workflow().value(),
        key.step().value());
  }

  List<AttemptResult> results(StepKey key) {
    Map<Integer, List<Iteration>> iterations =
        iterations(key.workflow(), key.step().value()).getOrDefault(key.step().value(), Map.of());
    return reads.query(
        key.workflow().tenant(),
        ATTEMPT_RESULTS,
        (row, n) -> attemptResult(row, iterations.getOrDefault(row.getInt("attempt"), List.of())),
        key.workflow().tenant().value(),
        key.workflow().workflow().value(),
        key.step().value());
  }

  Optional<WorkflowMaterial> material(WorkflowKey key) {
    Map<String, Map<Integer, List<Iteration>>> iterations = iterations(key, null);
    List<WorkflowMaterial.StepMaterial> steps =
        steps(key).stream().map(row -> material(row, iterations)).toList();
    return reads.first(
        key.tenant(),
        ONE,
        (row, n) -> material(row, steps),
        key.tenant().value(),
        key.workflow().value());
  }

  private List<StepView> stepViews(WorkflowKey key) {
    Map<String, List<String>> notes = new HashMap<>();
    reads.query(
        key.tenant(),
        NOTES,
        (row, n) ->
            notes
                .computeIfAbsent(row.getString("step_id"), s -> new ArrayList<>())
                .add(row.getString("note")),
        key.tenant().value(),
        key.workflow().value());
    Map<String, StepApproval> approvals = new HashMap<>();
    reads.query(
        key.tenant(),
        APPROVALS,
        (row, n) -> approvals.put(row.getString("step_id"), StepApprovals.read(row, "attempt")),
        key.tenant().value(),
        key.workflow().value());
    return steps(key).stream()
        .map(
            row ->
                view(
                    row,
                    notes.getOrDefault(row.spec().stepId(), List.of()),
                    approvals.get(row.spec().stepId())))
        .toList();
  }

  /** Iterations by step and attempt; of one step, or of all. */
  private Map<String, Map<Integer, List<Iteration>>> iterations(
      WorkflowKey key, @Nullable String step) {
    Map<String, Map<Integer, List<Iteration>>> found = new HashMap<>();
    reads.query(
        key.tenant(),
        STEP_ITERATIONS,
        (row, n) ->
            found
                .computeIfAbsent(row.getString("step_id"), s -> new HashMap<>())
                .computeIfAbsent(row.getInt("attempt"), a -> new ArrayList<>())
                .add(WireJson.mapper().readValue(row.getString("body"), Iteration.class)),
        key.tenant().value(),
        key.workflow().value(),
        step,
        step);
    return found;
  }

  private static WorkflowView view(ResultSet row, @Nullable List<StepView> tasks)
      throws SQLException {
    WorkflowStatus status = WorkflowStatus.valueOf(row.getString("status"));
    String result = row.getString("result");
    if (result == null && tasks != null && status == WorkflowStatus.COMPLETED) {
      result = SinkResults.join(tasks);
    }
    String metadata = row.getString("metadata");
    return new WorkflowView(
        row.getString("workflow_id"),
        status,
        row.getString("description"),
        row.getInt("priority"),
        metadata == null ? null : WireJson.mapper().readValue(metadata, ObjectNode.class),
        new WorkflowView.Progress(
            row.getInt("total"),
            row.getInt("pending"),
            row.getInt("ready"),
            row.getInt("in_progress"),
            row.getInt("awaiting_approval"),
            row.getInt("completed"),
            row.getInt("failed"),
            row.getInt("cancelled")),
        row.getInt("cycle"),
        tasks,
        result,
        error(row),
        usage(row),
        instant(row, "deadline"),
        Objects.requireNonNull(instant(row, "created_at")),
        instant(row, "completed_at"));
  }

  private static StepView view(StepRow row, List<String> notes, @Nullable StepApproval approval) {
    StepSpec spec = row.spec().orDefaults();
    return new StepView(
        spec.stepId(),
        spec.taskDescription(),
        spec.assignedAgent(),
        spec.dependencyList(),
        spec.input(),
        spec.fileList(),
        Objects.requireNonNullElse(spec.fileAccessTypes(), Map.<String, AccessType>of()),
        spec.checks(),
        Objects.requireNonNull(spec.maxAttempts()),
        Objects.requireNonNull(spec.timeout()),
        Objects.requireNonNull(spec.maxIterations()),
        row.status(),
        row.attempt(),
        row.worker(),
        row.startedAt(),
        row.completedAt(),
        row.finalResult(),
        notes,
        approval);
  }

  private static StepRow stepRow(ResultSet row) throws SQLException {
    return new StepRow(
        WireJson.mapper().readValue(row.getString("spec"), StepSpec.class),
        row.getBoolean("sink"),
        StepStatus.valueOf(row.getString("status")),
        row.getInt("attempt"),
        row.getString("worker_id"),
        instant(row, "started_at"),
        instant(row, "completed_at"),
        row.getString("final_result"),
        usage(row));
  }

  private static AttemptResult attemptResult(ResultSet row, List<Iteration> iterations)
      throws SQLException {
    Double time = (Double) row.getObject("execution_time");
    ResultStatus status = ResultStatus.valueOf(row.getString("status"));
    return new AttemptResult(
        row.getInt("attempt"),
        status,
        row.getString("client_id"),
        status == ResultStatus.COMPLETED,
        new RaHistory(iterations, row.getString("final_result"), row.getString("source_agent")),
        time,
        error(row),
        artefacts(row),
        usage(row),
        Objects.requireNonNull(instant(row, "created_at")));
  }

  private static WorkflowMaterial material(ResultSet row, List<WorkflowMaterial.StepMaterial> steps)
      throws SQLException {
    return new WorkflowMaterial(
        row.getString("workflow_id"),
        WorkflowStatus.valueOf(row.getString("status")),
        row.getInt("cycle"),
        row.getString("description"),
        Complexity.valueOf(row.getString("complexity")),
        new AuditPolicy(
            AuditMode.valueOf(row.getString("audit_mode")), row.getInt("max_rework_cycles")),
        new Budget((Long) row.getObject("max_tokens"), (Double) row.getObject("max_cost_usd")),
        usage(row),
        steps);
  }

  private static WorkflowMaterial.StepMaterial material(
      StepRow row, Map<String, Map<Integer, List<Iteration>>> iterations) {
    return new WorkflowMaterial.StepMaterial(
        row.spec(),
        row.status(),
        row.attempt(),
        row.finalResult(),
        iterations
            .getOrDefault(row.spec().stepId(), Map.of())
            .getOrDefault(row.attempt(), List.of()),
        row.usage(),
        row.sink());
  }

  private static Usage usage(ResultSet row) throws SQLException {
    return new Usage(
        row.getLong("input_tokens"), row.getLong("output_tokens"), row.getDouble("cost_usd"));
  }

  private static @Nullable StepError error(ResultSet row) throws SQLException {
    String error = row.getString("error");
    return error == null ? null : WireJson.mapper().readValue(error, StepError.class);
  }

  private static @Nullable List<Artefact> artefacts(ResultSet row) throws SQLException {
    String artefacts = row.getString("artefacts");
    return artefacts == null
        ? null
        : List.of(WireJson.mapper().readValue(artefacts, Artefact[].class));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    Timestamp at = row.getTimestamp(column);
    return at == null ? null : at.toInstant();
  }

  /** The steps that a synthesised answer rests on; empty when there is none. */
  List<String> sources(WorkflowKey key) {
    return reads
        .first(
            key.tenant(),
            SOURCES,
            (row, n) -> Arrays.asList((String[]) row.getArray("sources").getArray()),
            key.tenant().value(),
            key.workflow().value())
        .orElse(List.of());
  }
}
