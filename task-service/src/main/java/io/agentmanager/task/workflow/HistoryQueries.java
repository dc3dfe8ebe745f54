package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.HistoryEvent;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.database.TenantReads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The SQL of a workflow's journal as its readers see it. */
@Component
class HistoryQueries {
  private static final String READ =
      """
      SELECT seq, type, at, step_id, attempt, data::text AS data
      FROM journal
      WHERE tenant_id = ? AND workflow_id = ? AND seq > ? AND seq <= ?
      ORDER BY seq
      LIMIT ?
      """;
  private final TenantReads reads;

  HistoryQueries(TenantReads reads) {
    this.reads = reads;
  }

  List<HistoryEvent> read(WorkflowKey key, long after, long upTo, int limit) {
    return reads.query(
        key.tenant(),
        READ,
        (row, n) -> event(row),
        key.tenant().value(),
        key.workflow().value(),
        after,
        upTo,
        limit);
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
