package io.agentmanager.task.file;

import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.journal.Pipeline;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The SQL of file locks, keyed by tenant, workspace and path. Whoever takes locks holds the
 * advisory locks that guard the paths for the rest of the transaction, taken in their order.
 */
@Component
public class FileLockStore {
  private static final String WORKSPACE = "default";

  /** One for all files of a tenant: guards of many in several takes would wait in a circle. */
  private static String guardOf(TenantId tenant) {
    return "agentmanager.files." + tenant + "/" + WORKSPACE;
  }

  private static final String GUARD =
      """
      SELECT pg_advisory_xact_lock(hashtextextended(path, 0))
      FROM (SELECT unnest(?::text[]) AS path ORDER BY 1) AS ordered
      """;
  private static final String TAKEN =
      """
      SELECT l.tenant_id, l.path, l.access
      FROM file_lock AS l
      JOIN unnest(?::text[], ?::text[]) AS k (tenant_id, path) USING (tenant_id, path)
      WHERE l.workspace = 'default'
      """;
  private static final String TAKE =
      """
      INSERT INTO file_lock (lock_id, tenant_id, workspace, path, workflow_id, step_id, attempt,
        access, taken_at)
      SELECT lock_id::uuid, tenant_id, 'default', path, workflow_id, step_id, attempt, access,
             ?::timestamptz
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[])
        AS n (lock_id, tenant_id, path, workflow_id, step_id, attempt, access)
      """;
  private static final String RELEASE =
      """
      WITH k AS (
        SELECT * FROM unnest(?::text[], ?::text[], ?::text[]) AS k (tenant_id, workflow_id, step_id)
      ), waits AS (
        DELETE FROM lock_wait AS w USING k
        WHERE w.tenant_id = k.tenant_id AND w.workflow_id = k.workflow_id AND w.step_id = k.step_id
      )
      DELETE FROM file_lock AS l USING k
      WHERE l.tenant_id = k.tenant_id AND l.workflow_id = k.workflow_id AND l.step_id = k.step_id
      RETURNING l.tenant_id, l.path
      """;
  private static final String RELEASE_ONE =
      """
      DELETE FROM file_lock WHERE tenant_id = ? AND lock_id = ?
      RETURNING tenant_id, path, workflow_id, step_id, attempt
      """;
  private static final String HOLDERS =
      """
      SELECT l.lock_id, l.access, l.workflow_id, l.step_id, l.attempt, s.worker_id
      FROM file_lock AS l
      JOIN step AS s USING (tenant_id, workflow_id, step_id)
      WHERE l.tenant_id = ? AND l.workspace = 'default' AND l.path = ?
      ORDER BY l.taken_at
      """;
  private static final String WORKER_OF =
      """
      SELECT s.worker_id
      FROM file_lock AS l
      JOIN step AS s USING (tenant_id, workflow_id, step_id)
      WHERE l.tenant_id = ? AND l.lock_id = ? AND s.worker_id IS NOT NULL
      """;
  private static final String STRENGTHEN =
      "UPDATE file_lock SET access = ? WHERE tenant_id = ? AND lock_id = ?";
  private static final String UNBLOCK =
      """
      WITH waiting AS (
        SELECT s.tenant_id, s.workflow_id, s.step_id
        FROM step AS s
        JOIN step_definition AS d USING (tenant_id, workflow_id, step_id)
        JOIN (SELECT tenant_id, array_agg(path) AS paths
              FROM unnest(?::text[], ?::text[]) AS f (tenant_id, path) GROUP BY tenant_id) AS freed
          ON freed.tenant_id = s.tenant_id
         AND jsonb_exists_any(d.spec -> 'file_dependencies', freed.paths)
        WHERE s.status = 'READY' AND s.blocked = 'files'
        FOR UPDATE OF s SKIP LOCKED
      )
      UPDATE step AS s SET blocked = NULL, ready_at = now()
      FROM waiting AS w
      WHERE s.tenant_id = w.tenant_id AND s.workflow_id = w.workflow_id AND s.step_id = w.step_id
      RETURNING s.tenant_id, s.workflow_id, s.step_id, s.attempt, s.capability, s.priority
      """;
  private static final String UNBLOCK_FREE =
      """
      WITH waiting AS (
        SELECT s.tenant_id, s.workflow_id, s.step_id
        FROM step AS s
        JOIN step_definition AS d USING (tenant_id, workflow_id, step_id)
        WHERE s.status = 'READY' AND s.blocked = 'files'
          AND NOT EXISTS (
            SELECT 1 FROM file_lock AS l
            WHERE l.tenant_id = s.tenant_id AND l.workspace = 'default'
              AND jsonb_exists(d.spec -> 'file_dependencies', l.path)
              AND NOT (l.access = 'READ'
                   AND coalesce(d.spec -> 'file_access_types' ->> l.path, 'read') = 'read'))
        LIMIT 100
        FOR UPDATE OF s SKIP LOCKED
      )
      UPDATE step AS s SET blocked = NULL, ready_at = now()
      FROM waiting AS w
      WHERE s.tenant_id = w.tenant_id AND s.workflow_id = w.workflow_id AND s.step_id = w.step_id
      RETURNING s.tenant_id, s.workflow_id, s.step_id, s.attempt, s.capability, s.priority
      """;

  private final JdbcTemplate jdbc;

  FileLockStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** One file that a step uses, in one way. */
  public record Use(StepKey step, int attempt, String path, AccessType access) {
    private String guard() {
      return guardOf(step.workflow().tenant());
    }

    private File file() {
      return new File(step.workflow().tenant().value(), path);
    }
  }

  /**
   * Takes the locks of each step whose files are all free: all or none.
   *
   * @param uses the files of all steps, those of one step side by side
   * @return the steps that got theirs
   */
  public Set<StepKey> take(List<Use> uses, Instant now) {
    if (uses.isEmpty()) {
      return Set.of();
    }
    Set<String> guards = new TreeSet<>(uses.stream().map(Use::guard).toList());
    jdbc.query(GUARD, row -> {}, (Object) guards.toArray(String[]::new));
    Map<File, List<Use>> held =
        taken(uses).stream().collect(Collectors.groupingBy(Use::file, Collectors.toList()));
    List<Use> granted = new ArrayList<>();
    Set<StepKey> winners = new HashSet<>();
    Map<StepKey, List<Use>> bySteps =
        uses.stream()
            .collect(Collectors.groupingBy(Use::step, LinkedHashMap::new, Collectors.toList()));
    bySteps.forEach(
        (step, wanted) -> {
          if (wanted.stream().noneMatch(u -> conflicts(u, held))) {
            wanted.forEach(u -> held.computeIfAbsent(u.file(), f -> new ArrayList<>()).add(u));
            granted.addAll(wanted);
            winners.add(step);
          }
        });
    insert(granted, granted.stream().map(u -> UUID.randomUUID()).toList(), now);
    return winners;
  }

  /** A file of a tenant's workspace. */
  public record File(String tenant, String path) {}

  /**
   * Lets go of whatever these steps hold or wait for.
   *
   * @return the files, filled when the pipeline is flushed; they are for {@link #unblock(List)}
   */
  public List<File> release(Pipeline pipeline, List<StepKey> steps) {
    List<File> freed = new ArrayList<>();
    if (!steps.isEmpty()) {
      pipeline.query(
          RELEASE,
          row -> freed.add(new File(row.getString("tenant_id"), row.getString("path"))),
          texts(steps, s -> s.workflow().tenant()),
          texts(steps, s -> s.workflow().workflow()),
          texts(steps, StepKey::step));
    }
    return freed;
  }

  /** Which steps wait to be claimed until one of these files is free, and may be claimed now. */
  public List<StepReady> unblock(List<File> freed) {
    return freed.isEmpty()
        ? List.of()
        : jdbc.query(
            UNBLOCK, (row, n) -> ready(row), texts(freed, File::tenant), texts(freed, File::path));
  }

  /** Who holds a file now. */
  public record Holder(UUID lockId, AccessType access, StepKey step, int attempt, String worker) {}

  /** The holders of a file, whose guard is held from here to the end of the transaction. */
  public List<Holder> guardedHolders(TenantId tenant, String path) {
    jdbc.query(GUARD, row -> {}, (Object) new String[] {guardOf(tenant)});
    return jdbc.query(HOLDERS, (row, n) -> holder(tenant, row), tenant.value(), path);
  }

  /** Writes a lock that was found to be free; the guard of its path is held. */
  public UUID insert(Use granted, Instant now) {
    UUID id = UUID.randomUUID();
    insert(List.of(granted), List.of(id), now);
    return id;
  }

  /** Lets a reader write; the guard of the path is held. */
  public void strengthen(TenantId tenant, UUID lockId, AccessType access) {
    jdbc.update(STRENGTHEN, access.name(), tenant.value(), lockId);
  }

  /** The worker whose step holds a lock; empty when there is none of that id. */
  public Optional<String> workerOf(TenantId tenant, UUID lockId) {
    return jdbc.queryForList(WORKER_OF, String.class, tenant.value(), lockId).stream().findFirst();
  }

  /** Lets go of one lock, and says what was held; empty when there is none of that id. */
  public Optional<Use> release(TenantId tenant, UUID lockId) {
    return jdbc.query(RELEASE_ONE, (row, n) -> use(row), tenant.value(), lockId).stream()
        .findFirst();
  }

  /** Finds steps that still count as waiting although their files are free. */
  public List<StepReady> unblockFree() {
    return jdbc.query(UNBLOCK_FREE, (row, n) -> ready(row));
  }

  private List<Use> taken(List<Use> uses) {
    return jdbc.query(
        TAKEN,
        (row, n) ->
            new Use(
                new StepKey(WorkflowKey.of(row.getString("tenant_id"), ""), new StepId("")),
                0,
                row.getString("path"),
                AccessType.valueOf(row.getString("access"))),
        texts(uses, u -> u.step().workflow().tenant()),
        texts(uses, Use::path));
  }

  private void insert(List<Use> granted, List<UUID> ids, Instant now) {
    if (granted.isEmpty()) {
      return;
    }
    jdbc.update(
        TAKE,
        now.toString(),
        texts(ids, id -> id),
        texts(granted, u -> u.step().workflow().tenant()),
        texts(granted, Use::path),
        texts(granted, u -> u.step().workflow().workflow()),
        texts(granted, u -> u.step().step()),
        longs(granted, Use::attempt),
        texts(granted, u -> u.access().name()));
  }

  private static boolean conflicts(Use wanted, Map<File, List<Use>> held) {
    return held.getOrDefault(wanted.file(), List.of()).stream()
        .anyMatch(h -> !h.access().isCompatibleWith(wanted.access()));
  }

  private static Holder holder(TenantId tenant, ResultSet row) throws SQLException {
    return new Holder(
        row.getObject("lock_id", UUID.class),
        AccessType.valueOf(row.getString("access")),
        new StepKey(
            new WorkflowKey(tenant, new WorkflowId(row.getString("workflow_id"))),
            new StepId(row.getString("step_id"))),
        row.getInt("attempt"),
        String.valueOf(row.getString("worker_id")));
  }

  private static Use use(ResultSet row) throws SQLException {
    return new Use(
        new StepKey(
            WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
            new StepId(row.getString("step_id"))),
        row.getInt("attempt"),
        row.getString("path"),
        AccessType.READ);
  }

  private static StepReady ready(ResultSet row) throws SQLException {
    return new StepReady(
        new TenantId(row.getString("tenant_id")),
        new WorkflowId(row.getString("workflow_id")),
        new StepId(row.getString("step_id")),
        row.getInt("attempt") + 1,
        row.getString("capability"),
        row.getInt("priority"));
  }
}
