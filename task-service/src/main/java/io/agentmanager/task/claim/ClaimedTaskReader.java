package io.agentmanager.task.claim;

import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.claim.ClaimReadySteps.Handed;
import io.agentmanager.task.worker.LeaseSettings;
import io.agentmanager.task.write.SpentSql;
import io.agentmanager.task.write.StepApprovals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.stereotype.Component;

/** Reads everything that a worker needs for the steps it was handed, for many steps at once. */
@Component
class ClaimedTaskReader {
  private static final String KEYS =
      """
      WITH k AS (
        SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[])
          AS k (tenant_id, workflow_id, step_id, attempt)
      )
      """;

  /**
   * Of a workflow with a budget, each attempt that is handed out reserves an equal share of what is
   * neither spent nor reserved by another that runs, so that attempts side by side cannot spend the
   * same money. A claim that is repeated finds what it reserved.
   */
  private static final String RESERVE =
      KEYS
          + """
          , fresh AS (
            SELECT k.* FROM k
            JOIN workflow_definition AS d USING (tenant_id, workflow_id)
            JOIN step AS s USING (tenant_id, workflow_id, step_id)
            WHERE (d.max_tokens IS NOT NULL OR d.max_cost_usd IS NOT NULL)
              AND s.reserved_attempt IS DISTINCT FROM k.attempt
          ), share AS (
            SELECT w.tenant_id, w.workflow_id,
                   d.max_tokens - spent.tokens - reserved.tokens AS free_tokens,
                   d.max_cost_usd - spent.cost_usd - reserved.cost_usd AS free_cost_usd,
                   greatest(w.open_steps - reserved.attempts, w.wanted) AS among
            FROM (
              SELECT tenant_id, workflow_id, h.open_steps, count(*) AS wanted
              FROM fresh JOIN workflow AS h USING (tenant_id, workflow_id)
              GROUP BY tenant_id, workflow_id, h.open_steps
            ) AS w
            JOIN workflow_definition AS d USING (tenant_id, workflow_id)
            CROSS JOIN LATERAL (
              SELECT coalesce(sum(r.input_tokens + r.output_tokens), 0)::bigint AS tokens,
                     coalesce(sum(r.cost_usd), 0) AS cost_usd
              FROM (
          """
          + SpentSql.ROWS
          + """
              ) AS r
            ) AS spent
            CROSS JOIN LATERAL (
              SELECT count(*) AS attempts,
                     coalesce(sum(greatest(0, s.reserved_tokens - told.tokens)), 0)::bigint AS tokens,
                     coalesce(sum(greatest(0, s.reserved_cost_usd - told.cost_usd)), 0) AS cost_usd
              FROM step AS s
              CROSS JOIN LATERAL (
                SELECT coalesce(sum(coalesce((i.body #>> '{usage,input_tokens}')::bigint, 0)
                         + coalesce((i.body #>> '{usage,output_tokens}')::bigint, 0)), 0) AS tokens,
                       coalesce(sum((i.body #>> '{usage,cost_usd}')::float8), 0) AS cost_usd
                FROM step_iteration AS i
                WHERE i.tenant_id = s.tenant_id AND i.workflow_id = s.workflow_id
                  AND i.step_id = s.step_id AND i.attempt = s.attempt
              ) AS told
              WHERE s.tenant_id = w.tenant_id AND s.workflow_id = w.workflow_id
                AND s.status = 'IN_PROGRESS' AND s.reserved_attempt = s.attempt
            ) AS reserved
          )
          UPDATE step AS s
          SET reserved_attempt = f.attempt,
              reserved_tokens = CASE WHEN share.free_tokens IS NOT NULL
                THEN greatest(0, share.free_tokens) / share.among END,
              reserved_cost_usd = CASE WHEN share.free_cost_usd IS NOT NULL
                THEN greatest(0, share.free_cost_usd) / share.among END
          FROM fresh AS f JOIN share USING (tenant_id, workflow_id)
          WHERE s.tenant_id = f.tenant_id AND s.workflow_id = f.workflow_id
            AND s.step_id = f.step_id
          """;

  private static final String DEFINITIONS =
      KEYS
          + """
          SELECT k.*, d.spec::text AS spec, s.reserved_tokens, s.reserved_cost_usd, t.traceparent
          FROM k
          JOIN step_definition AS d USING (tenant_id, workflow_id, step_id)
          JOIN step AS s USING (tenant_id, workflow_id, step_id)
          LEFT JOIN workflow_trace AS t USING (tenant_id, workflow_id)
          """;

  /** Each result is looked up by its whole key, whatever the planner thinks of the tables. */
  private static final String DEPENDENCY_RESULTS =
      KEYS
          + """
          SELECT * FROM (
          SELECT wanted.*, r.final_result,
                 sum(length(r.final_result)) OVER (
                   PARTITION BY tenant_id, workflow_id, step_id ORDER BY n) AS so_far
          FROM (
            SELECT k.*, needed.id AS dependency, needed.n
            FROM k
            JOIN step_definition AS d USING (tenant_id, workflow_id, step_id)
            CROSS JOIN LATERAL unnest(d.dependencies) WITH ORDINALITY AS needed (id, n)
          ) AS wanted
          CROSS JOIN LATERAL (
            SELECT r.final_result
            FROM step AS s
            JOIN step_result AS r
              ON r.tenant_id = s.tenant_id AND r.workflow_id = s.workflow_id
             AND r.step_id = s.step_id AND r.attempt = s.attempt AND r.status = 'COMPLETED'
            WHERE s.tenant_id = wanted.tenant_id AND s.workflow_id = wanted.workflow_id
              AND s.step_id = wanted.dependency
            LIMIT 1
          ) AS r
          ) AS results
          WHERE so_far <= 1048576
          ORDER BY n
          """;

  private static final String NOTES =
      KEYS
          + """
          SELECT k.*, n.note
          FROM k JOIN rework_note AS n USING (tenant_id, workflow_id, step_id)
          ORDER BY n.cycle
          """;
  private static final String PREVIOUS_RESULT =
      KEYS
          + """
          SELECT k.*, p.final_result
          FROM k
          CROSS JOIN LATERAL (
            SELECT r.final_result FROM step_result AS r
            WHERE r.tenant_id = k.tenant_id AND r.workflow_id = k.workflow_id
              AND r.step_id = k.step_id AND r.attempt < k.attempt AND r.status = 'COMPLETED'
            ORDER BY r.attempt DESC LIMIT 1
          ) AS p
          """;

  /**
   * Of each index what is finished, else what was announced last, of all attempts since the last
   * result. Of more than 4 MiB the older observations are left out: the history holds them.
   */
  private static final String CHECKPOINT =
      KEYS
          + """
          SELECT tenant_id, workflow_id, step_id, attempt,
                 CASE WHEN so_far <= 4194304 OR NOT jsonb_exists(body, 'observation')
                   THEN body
                   ELSE body || '{"observation": "[... left out of the checkpoint ...]"}'
                 END::text AS body
          FROM (
            SELECT latest.*, sum(octet_length(body::text)) OVER (
                     PARTITION BY tenant_id, workflow_id, step_id ORDER BY index DESC) AS so_far
            FROM (
              SELECT DISTINCT ON (k.tenant_id, k.workflow_id, k.step_id, i.index)
                     k.*, i.index, i.body
              FROM k
              JOIN step_iteration AS i
                ON i.tenant_id = k.tenant_id AND i.workflow_id = k.workflow_id
               AND i.step_id = k.step_id AND i.attempt < k.attempt AND i.attempt > (
                 SELECT coalesce(max(r.attempt), 0) FROM step_result AS r
                 WHERE r.tenant_id = k.tenant_id AND r.workflow_id = k.workflow_id
                   AND r.step_id = k.step_id AND r.status = 'COMPLETED')
              ORDER BY k.tenant_id, k.workflow_id, k.step_id, i.index,
                       jsonb_exists(i.body, 'observation') DESC, i.attempt DESC
            ) AS latest
          ) AS bounded
          ORDER BY index
          """;

  private static final String APPROVAL =
      KEYS
          + """
          SELECT k.*, a.attempt AS asking, a.asked::text AS asked, a.asked_at, a.decision,
                 a.comment, a.decided_by, a.decided_at
          FROM k
          CROSS JOIN LATERAL (
            SELECT * FROM step_approval AS a
            WHERE a.tenant_id = k.tenant_id AND a.workflow_id = k.workflow_id
              AND a.step_id = k.step_id AND a.attempt > (
                SELECT coalesce(max(r.attempt), 0) FROM step_result AS r
                WHERE r.tenant_id = k.tenant_id AND r.workflow_id = k.workflow_id
                  AND r.step_id = k.step_id AND r.status = 'COMPLETED')
            ORDER BY a.attempt DESC LIMIT 1
          ) AS a
          """;

  private final LeaseSettings leases;

  ClaimedTaskReader(LeaseSettings leases) {
    this.leases = leases;
  }

  private record Definition(StepSpec spec, Budget budget, @Nullable String traceparent) {}

  private static final class Extras {
    private final Map<StepKey, Definition> definitions = new HashMap<>();
    private final Map<StepKey, Map<String, String>> dependencyResults = new HashMap<>();
    private final Map<StepKey, List<String>> notes = new HashMap<>();
    private final Map<StepKey, String> previous = new HashMap<>();
    private final Map<StepKey, List<Iteration>> checkpoints = new HashMap<>();
    private final Map<StepKey, StepApproval> approvals = new HashMap<>();
  }

  /** Runs what the pipeline holds, and reads. */
  Map<Claim, List<ClaimedTask>> read(Pipeline pipeline, List<Handed> handed) {
    Extras extras = load(pipeline, handed);
    Map<Claim, List<ClaimedTask>> tasks = new LinkedHashMap<>();
    for (Handed one : handed) {
      tasks
          .computeIfAbsent(one.claim(), c -> new ArrayList<>())
          .add(task(one.step().key(), one.step().state().attempt(), extras));
    }
    return tasks;
  }

  private static Extras load(Pipeline pipeline, List<Handed> handed) {
    Extras extras = new Extras();
    reserve(pipeline, handed);
    query(pipeline, DEFINITIONS, handed, row -> extras.definitions.put(key(row), definition(row)));
    query(
        pipeline,
        DEPENDENCY_RESULTS,
        handed,
        row ->
            extras
                .dependencyResults
                .computeIfAbsent(key(row), k -> new LinkedHashMap<>())
                .put(
                    row.getString("dependency"),
                    Objects.requireNonNullElse(row.getString("final_result"), "")));
    List<Handed> again = handed.stream().filter(h -> h.step().state().attempt() > 1).toList();
    query(
        pipeline,
        NOTES,
        again,
        row ->
            extras
                .notes
                .computeIfAbsent(key(row), k -> new ArrayList<>())
                .add(row.getString("note")));
    query(
        pipeline,
        PREVIOUS_RESULT,
        again,
        row -> extras.previous.put(key(row), row.getString("final_result")));
    query(
        pipeline,
        CHECKPOINT,
        again,
        row ->
            extras
                .checkpoints
                .computeIfAbsent(key(row), k -> new ArrayList<>())
                .add(WireJson.mapper().readValue(row.getString("body"), Iteration.class)));
    query(
        pipeline,
        APPROVAL,
        again,
        row -> extras.approvals.put(key(row), StepApprovals.read(row, "asking")));
    pipeline.flush();
    return extras;
  }

  private static void reserve(Pipeline pipeline, List<Handed> handed) {
    if (!handed.isEmpty()) {
      pipeline.update(RESERVE, keys(handed));
    }
  }

  private static void query(
      Pipeline pipeline, String sql, List<Handed> handed, RowCallbackHandler handler) {
    if (handed.isEmpty()) {
      return;
    }
    pipeline.query(sql, handler, keys(handed));
  }

  private static Object[] keys(List<Handed> handed) {
    return new Object[] {
      texts(handed, h -> h.step().key().workflow().tenant()),
      texts(handed, h -> h.step().key().workflow().workflow()),
      texts(handed, h -> h.step().key().step()),
      longs(handed, h -> h.step().state().attempt())
    };
  }

  private ClaimedTask task(StepKey key, int attempt, Extras extras) {
    Definition definition = definition(extras, key);
    StepSpec spec = definition.spec().orDefaults();
    Map<String, String> inlined = extras.dependencyResults.getOrDefault(key, Map.of());
    return new ClaimedTask(
        spec.stepId(),
        spec.taskDescription(),
        spec.assignedAgent(),
        spec.dependencyList(),
        spec.input(),
        spec.fileList(),
        Objects.requireNonNullElse(spec.fileAccessTypes(), Map.of()),
        spec.checks(),
        Objects.requireNonNull(spec.maxAttempts()),
        Objects.requireNonNull(spec.timeout()),
        Objects.requireNonNull(spec.maxIterations()),
        key.workflow().workflow().value(),
        attempt,
        leases.leaseSec(),
        extras.notes.getOrDefault(key, List.of()),
        extras.previous.get(key),
        inlined,
        inlined.size() < spec.dependencyList().size(),
        extras.checkpoints.getOrDefault(key, List.of()),
        definition.budget(),
        extras.approvals.get(key),
        definition.traceparent());
  }

  private static Definition definition(Extras extras, StepKey key) {
    Definition definition = extras.definitions.get(key);
    if (definition == null) {
      throw new IllegalStateException("step without a definition: " + key);
    }
    return definition;
  }

  private static Definition definition(ResultSet row) throws SQLException {
    Budget share =
        new Budget(
            (Long) row.getObject("reserved_tokens"), (Double) row.getObject("reserved_cost_usd"));
    return new Definition(
        WireJson.mapper().readValue(row.getString("spec"), StepSpec.class),
        share,
        row.getString("traceparent"));
  }

  private static StepKey key(ResultSet row) throws SQLException {
    return new StepKey(
        WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
        new StepId(row.getString("step_id")));
  }
}
