package io.agentmanager.task.worker;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.database.TenantReads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The SQL of what is shown of workers. */
@Component
class WorkerQueries {
  private static final String LIST =
      """
      SELECT worker_id, capabilities, max_parallel, instance_id, version, registered_at, last_seen
      FROM worker WHERE tenant_id = ? ORDER BY worker_id
      """;
  private final TenantReads reads;

  WorkerQueries(TenantReads reads) {
    this.reads = reads;
  }

  /** A worker as it registered. */
  record Row(
      String worker,
      List<String> capabilities,
      int maxParallel,
      @Nullable String instance,
      @Nullable String version,
      Instant registeredAt,
      Instant lastSeen) {}

  List<Row> list(TenantId tenant) {
    return reads.query(tenant, LIST, (row, n) -> row(row), tenant.value());
  }

  List<WorkerStore.Held> held(TenantId tenant, List<String> workers) {
    return reads.query(
        tenant,
        WorkerStore.HELD,
        (row, n) -> WorkerStore.held(row),
        tenant.value(),
        workers.toArray(String[]::new));
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString("worker_id"),
        Arrays.asList((String[]) row.getArray("capabilities").getArray()),
        row.getInt("max_parallel"),
        row.getString("instance_id"),
        row.getString("version"),
        row.getTimestamp("registered_at").toInstant(),
        row.getTimestamp("last_seen").toInstant());
  }
}
