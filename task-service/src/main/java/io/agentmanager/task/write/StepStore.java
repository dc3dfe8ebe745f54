package io.agentmanager.task.write;

import static io.agentmanager.journal.Columns.doubles;
import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.lifecycle.StepState;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of step rows on the write path. */
@Component
class StepStore {
  private static final String LOCK =
      """
      WITH wanted AS (
        SELECT * FROM unnest(?::text[], ?::text[], ?::text[])
          AS w (tenant_id, workflow_id, step_id)
      ), named AS (
        SELECT tenant_id, workflow_id, step_id, false AS whole FROM wanted
        UNION ALL
        SELECT d.tenant_id, d.workflow_id, unnest(d.dependents), false
        FROM wanted JOIN step_definition AS d USING (tenant_id, workflow_id, step_id)
        UNION ALL
        SELECT s.tenant_id, s.workflow_id, s.step_id, true
        FROM unnest(?::text[], ?::text[]) AS w (tenant_id, workflow_id)
        JOIN step AS s USING (tenant_id, workflow_id)
      ), touched AS (
        SELECT tenant_id, workflow_id, step_id, bool_or(whole) AS whole
        FROM named GROUP BY tenant_id, workflow_id, step_id
      )
      SELECT s.tenant_id, s.workflow_id, s.step_id, s.status, s.attempt, s.failures,
             s.open_dependencies, s.max_attempts, s.capability, s.priority, s.heard, s.worker_id,
             s.not_before, CASE WHEN touched.whole THEN d.dependencies ELSE '{}' END AS dependencies,
             d.dependents
      FROM touched
      JOIN step AS s USING (tenant_id, workflow_id, step_id)
      JOIN step_definition AS d USING (tenant_id, workflow_id, step_id)
      ORDER BY s.tenant_id, s.workflow_id, s.step_id
      FOR UPDATE OF s
      """;
  private static final String INSERT =
      """
      INSERT INTO step (tenant_id, workflow_id, step_id, status, attempt, failures,
        open_dependencies, max_attempts, capability, priority, sink, uses_files, run_seconds,
        ready_at)
      SELECT tenant_id, workflow_id, step_id, status, 0, 0, open_dependencies, max_attempts,
             capability, priority, sink, uses_files, run_seconds,
             CASE WHEN status = 'READY' THEN ?::timestamptz END
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[],
                  ?::bigint[], ?::boolean[], ?::boolean[], ?::float8[])
        WITH ORDINALITY AS s (tenant_id, workflow_id, step_id, status, open_dependencies,
          max_attempts, capability, priority, sink, uses_files, run_seconds, n)
      ORDER BY n
      """;
  private static final String INSERT_DEFINITIONS =
      """
      INSERT INTO step_definition (tenant_id, workflow_id, step_id, ordinal, spec, dependencies,
        dependents)
      SELECT tenant_id, workflow_id, step_id, ordinal, spec::jsonb, dependencies::text[],
             dependents::text[]
      FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[])
        AS s (tenant_id, workflow_id, step_id, ordinal, spec, dependencies, dependents)
      """;
  private static final String UPDATE =
      """
      UPDATE step AS s
      SET status = u.status, failures = u.failures, open_dependencies = u.open_dependencies,
          not_before = u.not_before::timestamptz,
          blocked = CASE WHEN u.not_before IS NOT NULL THEN 'backoff' END,
          lease_until = CASE WHEN u.status = 'IN_PROGRESS' THEN s.lease_until END,
          run_until = CASE WHEN u.status = 'IN_PROGRESS' THEN s.run_until END,
          claim_id = CASE WHEN u.status = 'IN_PROGRESS' THEN s.claim_id END,
          completed_at = CASE WHEN u.ended THEN ?::timestamptz END,
          ready_at = CASE WHEN u.status = 'READY' THEN ?::timestamptz END
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[],
                  ?::boolean[])
        AS u (tenant_id, workflow_id, step_id, status, failures, open_dependencies, not_before,
          ended)
      WHERE s.tenant_id = u.tenant_id AND s.workflow_id = u.workflow_id AND s.step_id = u.step_id
      """;
  private static final String INSERT_NOTES =
      """
      INSERT INTO rework_note (tenant_id, workflow_id, step_id, cycle, note)
      SELECT ?, ?, step_id, ?, note FROM unnest(?::text[], ?::text[]) AS n (step_id, note)
      ON CONFLICT DO NOTHING
      """;

  private final JdbcTemplate jdbc;

  StepStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** A step that changed, with its whole key. */
  record Changed(WorkflowKey key, StepState step) {}

  /**
   * Locks steps with their dependents, and all steps of whole workflows, in the order of their
   * keys. What a step depends on is loaded with whole workflows alone: nothing else asks for it,
   * and the end of a wide plan has thousands.
   *
   * @return what is filled when the pipeline is flushed
   */
  Map<WorkflowKey, Map<StepId, StepState>> lock(
      Pipeline pipeline, Collection<StepKey> wanted, Collection<WorkflowKey> whole) {
    Map<WorkflowKey, Map<StepId, StepState>> found = new LinkedHashMap<>();
    List<StepKey> steps = List.copyOf(wanted);
    List<WorkflowKey> workflows = List.copyOf(whole);
    if (steps.isEmpty() && workflows.isEmpty()) {
      return found;
    }
    pipeline.query(
        LOCK,
        row -> {
          WorkflowKey key =
              WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id"));
          StepState step = state(row);
          found.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(step.id(), step);
        },
        texts(steps, k -> k.workflow().tenant()),
        texts(steps, k -> k.workflow().workflow()),
        texts(steps, StepKey::step),
        texts(workflows, WorkflowKey::tenant),
        texts(workflows, WorkflowKey::workflow));
    return found;
  }

  /**
   * A step of an admitted plan.
   *
   * @param ordinal its place in the plan, from 1
   * @param state as it was decided
   */
  record Planned(WorkflowKey key, int ordinal, StepSpec spec, StepState state) {}

  /** Inserts admitted plans, in the order given. */
  void insert(Pipeline pipeline, List<Planned> steps, Instant now) {
    if (steps.isEmpty()) {
      return;
    }
    @Nullable String[] tenants = texts(steps, s -> s.key().tenant());
    @Nullable String[] workflows = texts(steps, s -> s.key().workflow());
    @Nullable String[] ids = texts(steps, s -> s.state().id());
    pipeline.update(
        INSERT,
        now.toString(),
        tenants,
        workflows,
        ids,
        texts(steps, s -> s.state().status().name()),
        longs(steps, s -> s.state().openDependencies()),
        longs(steps, s -> s.state().maxAttempts()),
        texts(steps, s -> s.state().capability()),
        longs(steps, s -> s.state().priority()),
        texts(steps, s -> s.state().isSink()),
        texts(steps, s -> !s.spec().fileList().isEmpty()),
        doubles(steps, s -> runSeconds(s.spec())));
    pipeline.update(
        INSERT_DEFINITIONS,
        tenants,
        workflows,
        ids,
        longs(steps, Planned::ordinal),
        texts(steps, s -> WireJson.mapper().writeValueAsString(s.spec())),
        texts(steps, s -> arrayLiteral(s.state().dependencies())),
        texts(steps, s -> arrayLiteral(s.state().dependents())));
  }

  void update(Pipeline pipeline, List<Changed> changed, Instant now) {
    if (changed.isEmpty()) {
      return;
    }
    pipeline.update(
        UPDATE,
        now.toString(),
        now.toString(),
        texts(changed, c -> c.key().tenant()),
        texts(changed, c -> c.key().workflow()),
        texts(changed, c -> c.step().id()),
        texts(changed, c -> c.step().status().name()),
        longs(changed, c -> c.step().failures()),
        longs(changed, c -> c.step().openDependencies()),
        texts(changed, c -> c.step().notBefore()),
        texts(changed, c -> !c.step().status().isOpen()));
  }

  void insertNotes(WorkflowKey key, int cycle, Map<StepId, String> notes) {
    List<Map.Entry<StepId, String>> rows = List.copyOf(notes.entrySet());
    jdbc.update(
        INSERT_NOTES,
        key.tenant().value(),
        key.workflow().value(),
        cycle,
        texts(rows, Map.Entry::getKey),
        texts(rows, Map.Entry::getValue));
  }

  private static double runSeconds(StepSpec spec) {
    Duration timeout = spec.orDefaults().timeout();
    return timeout == null ? 0 : timeout.toMillis() / 1000.0;
  }

  /** Step ids need no quoting within an array literal: letters, digits, dot, underscore, dash. */
  private static String arrayLiteral(List<StepId> ids) {
    return ids.stream()
        .map(StepId::value)
        .map(id -> '"' + id + '"')
        .collect(java.util.stream.Collectors.joining(",", "{", "}"));
  }

  private static StepState state(ResultSet row) throws SQLException {
    var notBefore = row.getTimestamp("not_before");
    return new StepState(
        new StepId(row.getString("step_id")),
        StepStatus.valueOf(row.getString("status")),
        row.getInt("attempt"),
        row.getInt("failures"),
        row.getInt("open_dependencies"),
        row.getInt("max_attempts"),
        row.getString("capability"),
        row.getInt("priority"),
        row.getBoolean("heard"),
        row.getString("worker_id"),
        notBefore == null ? null : notBefore.toInstant(),
        ids(row.getArray("dependencies")),
        ids(row.getArray("dependents")));
  }

  private static List<StepId> ids(Array array) throws SQLException {
    return Arrays.stream((String[]) array.getArray()).map(StepId::new).toList();
  }
}
