package io.agentmanager.task.workflow;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.HistoryEvent;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of a workflow's journal as its readers see it. */
@Component
class HistoryStore {
  private static final String READ =
      """
      SELECT seq, type, at, step_id, attempt, data::text AS data
      FROM journal
      WHERE tenant_id = ? AND workflow_id = ? AND seq > ? AND seq <= ?
      ORDER BY seq
      LIMIT ?
      """;
  private static final String NEWEST =
      """
      SELECT w.tenant_id, w.workflow_id, n.seq
      FROM unnest(?::text[], ?::text[]) AS w (tenant_id, workflow_id)
      CROSS JOIN LATERAL (
        SELECT j.seq FROM journal AS j
        WHERE j.tenant_id = w.tenant_id AND j.workflow_id = w.workflow_id
        ORDER BY j.seq DESC
        LIMIT 1
      ) AS n
      """;
  private final JdbcTemplate jdbc;

  HistoryStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  List<HistoryEvent> read(WorkflowKey key, long after, long upTo, int limit) {
    return jdbc.query(
        READ,
        (row, n) -> event(row),
        key.tenant().value(),
        key.workflow().value(),
        after,
        upTo,
        limit);
  }

  /** The newest number of each workflow that has any. */
  Map<WorkflowKey, Long> newest(List<WorkflowKey> keys) {
    Map<WorkflowKey, Long> newest = new HashMap<>();
    jdbc.query(
        NEWEST,
        row -> {
          newest.put(
              WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
              row.getLong("seq"));
        },
        texts(keys, key -> key.tenant().value()),
        texts(keys, key -> key.workflow().value()));
    return newest;
  }

  private static HistoryEvent event(ResultSet row) throws SQLException {
    @Nullable Integer attempt = (Integer) row.getObject("attempt");
    return new HistoryEvent(
        row.getLong("seq"),
        row.getString("type"),
        row.getTimestamp("at").toInstant(),
        row.getString("step_id"),
        attempt,
        WireJson.mapper().readTree(row.getString("data")));
  }
}
