package io.agentmanager.task.workflow;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.id.WorkflowKey;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of what was adopted before, of all tenants. */
@Component
class AdoptionStore {
  private static final String SETTLED =
      """
      WITH k AS (SELECT * FROM unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id))
      SELECT k.tenant_id, k.workflow_id
      FROM k JOIN workflow AS w USING (tenant_id, workflow_id)
      WHERE w.status <> 'PLANNING'
      UNION ALL
      SELECT k.tenant_id, k.workflow_id
      FROM k JOIN workflow_tombstone AS t USING (tenant_id, workflow_id)
      """;
  private final JdbcTemplate jdbc;

  AdoptionStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Those that are past planning, or were removed. */
  Set<WorkflowKey> settled(List<WorkflowKey> keys) {
    return Set.copyOf(
        jdbc.query(
            SETTLED,
            (row, n) -> WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
            texts(keys, WorkflowKey::tenant),
            texts(keys, WorkflowKey::workflow)));
  }
}
