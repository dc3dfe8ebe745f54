package io.agentmanager.task.write;

/** What a workflow has spent, in SQL; for queries in which {@code w} names the workflow's row. */
public final class SpentSql {
  /**
   * Rows of {@code input_tokens, output_tokens, cost_usd}: of attempts by their results, of
   * planning, audits and synthesis, and of attempts without a result, which run or were given back,
   * by the iterations that they told. Of attempts with a result no iteration is read.
   */
  public static final String ROWS =
      """
      SELECT r.input_tokens, r.output_tokens, r.cost_usd FROM step_result AS r
      WHERE r.tenant_id = w.tenant_id AND r.workflow_id = w.workflow_id
      UNION ALL
      SELECT x.input_tokens, x.output_tokens, x.cost_usd FROM workflow_usage AS x
      WHERE x.tenant_id = w.tenant_id AND x.workflow_id = w.workflow_id
      UNION ALL
      SELECT coalesce((i.body #>> '{usage,input_tokens}')::bigint, 0),
             coalesce((i.body #>> '{usage,output_tokens}')::bigint, 0),
             coalesce((i.body #>> '{usage,cost_usd}')::float8, 0)
      FROM (
        SELECT s.tenant_id, s.workflow_id, s.step_id, a.attempt
        FROM step AS s CROSS JOIN LATERAL generate_series(1, s.attempt) AS a (attempt)
        WHERE s.tenant_id = w.tenant_id AND s.workflow_id = w.workflow_id
          AND NOT EXISTS (
            SELECT 1 FROM step_result AS r
            WHERE r.tenant_id = s.tenant_id AND r.workflow_id = s.workflow_id
              AND r.step_id = s.step_id AND r.attempt = a.attempt)
        OFFSET 0
      ) AS unanswered
      CROSS JOIN LATERAL (
        SELECT i.body FROM step_iteration AS i
        WHERE i.tenant_id = unanswered.tenant_id AND i.workflow_id = unanswered.workflow_id
          AND i.step_id = unanswered.step_id AND i.attempt = unanswered.attempt
        OFFSET 0
      ) AS i
      """;

  private SpentSql() {}
}
