package io.agentmanager.task.worker;

import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of workers and of the leases that they keep alive. */
@Component
class WorkerStore {
  private static final String INSTANCE =
      "SELECT instance_id FROM worker WHERE tenant_id = ? AND worker_id = ? FOR UPDATE";

  /** Silent since then, and without work: the name is anybody's. */
  private static final String FREE =
      """
      (worker.last_seen < ?::timestamptz AND NOT EXISTS (
        SELECT 1 FROM step AS s
        WHERE s.tenant_id = worker.tenant_id AND s.worker_id = worker.worker_id
          AND s.status = 'IN_PROGRESS'))
      """;

  private static final String REGISTER =
      """
      INSERT INTO worker (tenant_id, worker_id, capabilities, max_parallel, instance_id, version,
        registered_at, last_seen, owner)
      VALUES (?, ?, ?::text[], ?, ?, ?, ?::timestamptz, ?::timestamptz, ?)
      ON CONFLICT (tenant_id, worker_id) DO UPDATE
      SET capabilities = excluded.capabilities, max_parallel = excluded.max_parallel,
          instance_id = coalesce(excluded.instance_id, worker.instance_id), version = excluded.version, draining = false,
          registered_at = excluded.registered_at, last_seen = excluded.last_seen,
          owner = CASE WHEN ?::boolean THEN coalesce(worker.owner, excluded.owner)
                       ELSE excluded.owner END
      WHERE worker.owner IS NULL OR worker.owner = excluded.owner OR ?::boolean OR
      """
          + FREE;
  private static final String SEEN_WITH =
      """
      INSERT INTO worker (tenant_id, worker_id, capabilities, max_parallel, registered_at,
        last_seen, owner)
      VALUES (?, ?, ?::text[], 1, ?::timestamptz, ?::timestamptz, ?)
      ON CONFLICT (tenant_id, worker_id) DO UPDATE
      SET last_seen = excluded.last_seen, draining = false,
          owner = CASE WHEN ?::boolean THEN coalesce(worker.owner, excluded.owner)
                       ELSE excluded.owner END
      WHERE worker.owner IS NULL OR worker.owner = excluded.owner OR ?::boolean OR
      """
          + FREE;
  private static final String SEEN =
      """
      UPDATE worker SET last_seen = ?::timestamptz, owner = coalesce(owner, ?)
      WHERE tenant_id = ? AND worker_id = ? AND (owner IS NULL OR owner = ? OR ?::boolean)
        AND (instance_id = ?) IS NOT FALSE
      """;
  private static final String RIVAL =
      """
      SELECT last_seen FROM worker
      WHERE tenant_id = ? AND worker_id = ? AND (owner IS NULL OR owner = ? OR ?::boolean)
        AND instance_id <> ?
      """;
  private static final String OWNER =
      """
      SELECT owner FROM worker WHERE tenant_id = ? AND worker_id = ? AND NOT
      """
          + FREE;
  private static final String DELETE =
      """
      DELETE FROM worker
      WHERE tenant_id = ? AND worker_id = ? AND (owner IS NULL OR owner = ? OR ?::boolean)
        AND (instance_id = ?) IS NOT FALSE
      """;
  static final String HELD =
      """
      SELECT worker_id, workflow_id, step_id, attempt, claimed_at
      FROM step
      WHERE tenant_id = ? AND worker_id = ANY (?::text[]) AND status = 'IN_PROGRESS'
      ORDER BY workflow_id, step_id
      """;
  private static final String EXTEND =
      """
      WITH listed AS (
        SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[])
          AS u (workflow_id, step_id, attempt)
      ), own AS (
        SELECT s.workflow_id, s.step_id, s.attempt
        FROM step AS s JOIN listed AS l USING (workflow_id, step_id, attempt)
        WHERE s.tenant_id = ? AND s.worker_id = ? AND s.status = 'IN_PROGRESS'
        ORDER BY s.workflow_id, s.step_id
        FOR UPDATE OF s
      )
      UPDATE step AS s SET lease_until = ?::timestamptz, heard = true
      FROM own
      WHERE s.tenant_id = ? AND s.workflow_id = own.workflow_id AND s.step_id = own.step_id
      RETURNING s.workflow_id, s.step_id, s.attempt
      """;
  private static final String CANCELLED =
      """
      SELECT l.workflow_id, l.step_id, l.attempt
      FROM unnest(?::text[], ?::text[], ?::bigint[]) AS l (workflow_id, step_id, attempt)
      JOIN step AS s
        ON s.tenant_id = ? AND s.workflow_id = l.workflow_id AND s.step_id = l.step_id
       AND s.attempt = l.attempt AND s.status = 'CANCELLED'
      """;

  private static final Duration NAME_KEPT = Duration.ofMinutes(1);

  private final JdbcTemplate jdbc;

  WorkerStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** An attempt that a worker holds. */
  record Held(String worker, AttemptRef attempt, Instant claimedAt) {}

  /** The instance that is registered; empty when there is none or it gave none. */
  Optional<String> instance(TenantId tenant, String worker) {
    return jdbc
        .query(INSTANCE, (row, n) -> Optional.ofNullable(row.getString(1)), tenant.value(), worker)
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** The caller that owns a worker's name; empty when the name is anybody's. */
  Optional<String> owner(TenantId tenant, String worker, Instant now) {
    return jdbc
        .query(
            OWNER,
            (row, n) -> Optional.ofNullable(row.getString(1)),
            tenant.value(),
            worker,
            freeSince(now))
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Registers; false, and nothing done, when the name is another caller's. */
  boolean register(
      Caller caller, String worker, WorkerRegistration registration, int parallel, Instant now) {
    return jdbc.update(
            REGISTER,
            caller.tenant().value(),
            worker,
            Objects.requireNonNullElse(registration.agentCapabilities(), List.<String>of())
                .toArray(String[]::new),
            parallel,
            registration.instanceId(),
            registration.version(),
            now.toString(),
            now.toString(),
            caller.name(),
            caller.isAdministrator(),
            caller.isAdministrator(),
            freeSince(now))
        > 0;
  }

  /** Notes a sign of life of a worker that may be new; false when the name is another caller's. */
  boolean seen(Caller caller, String worker, Set<String> capabilities, Instant now) {
    return jdbc.update(
            SEEN_WITH,
            caller.tenant().value(),
            worker,
            capabilities.toArray(String[]::new),
            now.toString(),
            now.toString(),
            caller.name(),
            caller.isAdministrator(),
            caller.isAdministrator(),
            freeSince(now))
        > 0;
  }

  /**
   * Notes a sign of life; false when there is no such worker, the name is another caller's, or
   * another process has registered under it since.
   *
   * @param instance the process that gives it; null for whichever is registered
   */
  boolean seenOf(Caller caller, String worker, @Nullable String instance, Instant now) {
    return jdbc.update(
            SEEN,
            now.toString(),
            caller.name(),
            caller.tenant().value(),
            worker,
            caller.name(),
            caller.isAdministrator(),
            instance)
        > 0;
  }

  /** When the process was seen last that has taken a caller's worker over from another one. */
  Optional<Instant> rivalSeen(Caller caller, String worker, String instance) {
    return jdbc
        .query(
            RIVAL,
            (row, n) -> row.getTimestamp("last_seen").toInstant(),
            caller.tenant().value(),
            worker,
            caller.name(),
            caller.isAdministrator(),
            instance)
        .stream()
        .findFirst();
  }

  /** Removes a worker; false as {@link #seenOf} says it. */
  boolean delete(Caller caller, String worker, @Nullable String instance) {
    return jdbc.update(
            DELETE,
            caller.tenant().value(),
            worker,
            caller.name(),
            caller.isAdministrator(),
            instance)
        > 0;
  }

  private static String freeSince(Instant now) {
    return now.minus(NAME_KEPT).toString();
  }

  List<Held> held(TenantId tenant, List<String> workers) {
    return jdbc.query(HELD, (row, n) -> held(row), tenant.value(), workers.toArray(String[]::new));
  }

  /** Extends the leases of those attempts that the worker still holds, and returns them. */
  List<AttemptRef> extend(TenantId tenant, String worker, List<AttemptRef> listed, Instant until) {
    if (listed.isEmpty()) {
      return List.of();
    }
    return jdbc.query(
        EXTEND,
        (row, n) -> attempt(row),
        texts(listed, AttemptRef::workflowId),
        texts(listed, AttemptRef::stepId),
        longs(listed, AttemptRef::attempt),
        tenant.value(),
        worker,
        until.toString(),
        tenant.value());
  }

  List<AttemptRef> cancelled(TenantId tenant, List<AttemptRef> attempts) {
    if (attempts.isEmpty()) {
      return List.of();
    }
    return jdbc.query(
        CANCELLED,
        (row, n) -> attempt(row),
        texts(attempts, AttemptRef::workflowId),
        texts(attempts, AttemptRef::stepId),
        longs(attempts, AttemptRef::attempt),
        tenant.value());
  }

  static Held held(ResultSet row) throws SQLException {
    return new Held(
        row.getString("worker_id"), attempt(row), row.getTimestamp("claimed_at").toInstant());
  }

  private static AttemptRef attempt(ResultSet row) throws SQLException {
    return new AttemptRef(
        row.getString("workflow_id"), row.getString("step_id"), row.getInt("attempt"));
  }
}
