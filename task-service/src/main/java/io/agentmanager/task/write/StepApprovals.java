package io.agentmanager.task.write;

import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.json.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Reads rows of approvals. */
public final class StepApprovals {
  private StepApprovals() {}

  /**
   * The approval of a row with {@code asked} as text and the other columns of the table.
   *
   * @param attempt the column that numbers the attempt that asked
   */
  public static StepApproval read(ResultSet row, String attempt) throws SQLException {
    String decision = row.getString("decision");
    Instant asked = instant(row, "asked_at");
    return new StepApproval(
        row.getInt(attempt),
        WireJson.mapper().readValue(row.getString("asked"), ObjectNode.class),
        asked == null ? Instant.EPOCH : asked,
        decision == null ? null : ApprovalDecision.valueOf(decision),
        row.getString("comment"),
        row.getString("decided_by"),
        instant(row, "decided_at"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    Timestamp at = row.getTimestamp(column);
    return at == null ? null : at.toInstant();
  }
}
