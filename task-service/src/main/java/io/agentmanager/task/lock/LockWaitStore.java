package io.agentmanager.task.lock;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.task.file.FileLockStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The SQL of running steps that wait for a file. A step that waits points at the steps that hold
 * what it waits for; a wait that would lead back to itself could never end (the wait-for graph of
 * database systems, Gray and Reuter 1993, 7.11).
 */
@Component
public class LockWaitStore {
  private static final String GUARD = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))";
  private static final String ATTEMPT =
      """
      SELECT status, attempt, worker_id, lease_until FROM step
      WHERE tenant_id = ? AND workflow_id = ? AND step_id = ?
      FOR UPDATE
      """;
  private static final String NOTE =
      """
      INSERT INTO lock_wait (tenant_id, workspace, path, workflow_id, step_id, attempt, access,
        wait_until)
      VALUES (?, 'default', ?, ?, ?, ?, ?, ?::timestamptz)
      ON CONFLICT (tenant_id, workflow_id, step_id, workspace, path) DO UPDATE
      SET attempt = excluded.attempt, access = excluded.access, wait_until = excluded.wait_until
      """;
  private static final String FORGET =
      """
      DELETE FROM lock_wait
      WHERE tenant_id = ? AND workflow_id = ? AND step_id = ? AND path = ? AND attempt = ?
      """;
  private static final String FORGET_OVER =
      "DELETE FROM lock_wait WHERE wait_until < ?::timestamptz";
  private static final String CLOSES_CIRCLE =
      """
      WITH RECURSIVE blocking AS (
        SELECT l.workflow_id, l.step_id
        FROM file_lock AS l
        WHERE l.tenant_id = ? AND l.workspace = 'default' AND l.path = ?
          AND NOT (l.workflow_id = ? AND l.step_id = ?)
          AND NOT (l.access = 'READ' AND ? = 'READ')
        UNION
        SELECT l.workflow_id, l.step_id
        FROM blocking AS b
        JOIN lock_wait AS w
          ON w.tenant_id = ? AND w.workflow_id = b.workflow_id AND w.step_id = b.step_id
         AND w.wait_until > ?::timestamptz
        JOIN file_lock AS l
          ON l.tenant_id = w.tenant_id AND l.workspace = w.workspace AND l.path = w.path
         AND NOT (l.workflow_id = w.workflow_id AND l.step_id = w.step_id)
         AND NOT (l.access = 'READ' AND w.access = 'READ')
      )
      SELECT EXISTS (SELECT 1 FROM blocking WHERE workflow_id = ? AND step_id = ?)
      """;
  private static final String STILL_TAKEN =
      """
      SELECT k.n
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
        WITH ORDINALITY AS k (tenant_id, path, workflow_id, step_id, access, n)
      WHERE EXISTS (
        SELECT 1 FROM file_lock AS l
        WHERE l.tenant_id = k.tenant_id AND l.workspace = 'default' AND l.path = k.path
          AND NOT (l.workflow_id = k.workflow_id AND l.step_id = k.step_id)
          AND NOT (l.access = 'READ' AND k.access = 'READ'))
      """;

  private final JdbcTemplate jdbc;

  LockWaitStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A step as far as locks depend on it.
   *
   * @param running whether the attempt runs
   * @param worker who holds or held it; null before the first attempt
   * @param leaseUntil until when it lives; null when it does not run
   */
  record Step(
      boolean running, int attempt, @Nullable String worker, @Nullable Instant leaseUntil) {}

  /** Locks the step's row; empty when there is no such step. */
  Optional<Step> lockStep(StepKey step) {
    return jdbc
        .query(
            ATTEMPT,
            (row, n) -> step(row),
            step.workflow().tenant().value(),
            step.workflow().workflow().value(),
            step.step().value())
        .stream()
        .findFirst();
  }

  private static Step step(ResultSet row) throws SQLException {
    Timestamp lease = row.getTimestamp("lease_until");
    return new Step(
        row.getString("status").equals(StepStatus.IN_PROGRESS.name()),
        row.getInt("attempt"),
        row.getString("worker_id"),
        lease == null ? null : lease.toInstant());
  }

  /**
   * Notes a wait, unless it would close a circle. Waits of a tenant are noted one after the other,
   * so that of two that close a circle together the second sees the first.
   */
  boolean note(FileLockStore.Use wanted, Instant until, Instant now) {
    TenantId tenant = wanted.step().workflow().tenant();
    String workflow = wanted.step().workflow().workflow().value();
    String step = wanted.step().step().value();
    jdbc.query(GUARD, row -> {}, "lock-waits/" + tenant);
    if (closesCircle(wanted, now)) {
      return false;
    }
    jdbc.update(
        NOTE,
        tenant.value(),
        wanted.path(),
        workflow,
        step,
        wanted.attempt(),
        wanted.access().name(),
        until.toString());
    return true;
  }

  private boolean closesCircle(FileLockStore.Use wanted, Instant now) {
    String tenant = wanted.step().workflow().tenant().value();
    String workflow = wanted.step().workflow().workflow().value();
    String step = wanted.step().step().value();
    @Nullable Boolean closes =
        jdbc.queryForObject(
            CLOSES_CIRCLE,
            Boolean.class,
            tenant,
            wanted.path(),
            workflow,
            step,
            wanted.access().name(),
            tenant,
            now.toString(),
            workflow,
            step);
    return Boolean.TRUE.equals(closes);
  }

  void forget(FileLockStore.Use wanted) {
    jdbc.update(
        FORGET,
        wanted.step().workflow().tenant().value(),
        wanted.step().workflow().workflow().value(),
        wanted.step().step().value(),
        wanted.path(),
        wanted.attempt());
  }

  /** Removes waits that are over and that nobody removed: their replica has died. */
  public void forgetOver(Instant now) {
    jdbc.update(FORGET_OVER, now.toString());
  }

  /** The positions of those whose file is still taken by others. */
  List<Integer> stillTaken(List<FileLockStore.Use> wanted) {
    return jdbc.query(
        STILL_TAKEN,
        (row, n) -> row.getInt("n") - 1,
        texts(wanted, u -> u.step().workflow().tenant()),
        texts(wanted, FileLockStore.Use::path),
        texts(wanted, u -> u.step().workflow().workflow()),
        texts(wanted, u -> u.step().step()),
        texts(wanted, u -> u.access().name()));
  }
}
