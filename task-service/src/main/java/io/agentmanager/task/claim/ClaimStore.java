package io.agentmanager.task.claim;

import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.lifecycle.StepState;
import io.agentmanager.task.worker.LeaseSettings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of claims. */
@Component
class ClaimStore {
  private static final String READY =
      """
      SELECT s.*
      FROM unnest(?::text[], ?::smallint[], ?::bigint[]) AS wanted (capability, urgency, position)
      CROSS JOIN LATERAL (
        SELECT tenant_id, workflow_id, step_id, status, attempt, failures, max_attempts, capability,
               priority, position, uses_files, not_before, ready_at
        FROM step
        WHERE tenant_id = ? AND capability = wanted.capability
          AND status = 'READY' AND blocked IS NULL
          AND (-priority, position) >= (wanted.urgency, wanted.position)
        ORDER BY (-priority), position
        LIMIT ?
        FOR UPDATE SKIP LOCKED
      ) AS s
      ORDER BY (-s.priority), s.position
      LIMIT ?
      """;
  private static final String ONE =
      """
      SELECT tenant_id, workflow_id, step_id, status, attempt, failures, max_attempts, capability,
             priority, position, uses_files, not_before, ready_at
      FROM step
      WHERE tenant_id = ? AND workflow_id = ? AND step_id = ?
      FOR UPDATE
      """;
  private static final String BEGIN =
      """
      UPDATE step AS s
      SET status = 'IN_PROGRESS', attempt = u.attempt, worker_id = u.worker_id,
          claim_id = u.claim_id, heard = false, blocked = NULL, not_before = NULL, ready_at = NULL, claimed_at = ?::timestamptz,
          started_at = coalesce(s.started_at, ?::timestamptz),
          lease_until = ?::timestamptz,
          run_until = ?::timestamptz + make_interval(secs => s.run_seconds)
      FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[])
        AS u (tenant_id, workflow_id, step_id, attempt, worker_id, claim_id)
      WHERE s.tenant_id = u.tenant_id AND s.workflow_id = u.workflow_id AND s.step_id = u.step_id
      """;
  private static final String BEGIN_WITHOUT_FILES =
      """
      WITH u AS (
        SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[],
                             ?::bigint[], ?::bigint[], ?::bigint[])
          AS u (tenant_id, workflow_id, step_id, attempt, worker_id, claim_id, failures,
            open_dependencies, claim)
      ), with_files AS (
        SELECT u.claim FROM u JOIN step AS s USING (tenant_id, workflow_id, step_id)
        WHERE s.uses_files
      )
      UPDATE step AS s
      SET status = 'IN_PROGRESS', attempt = u.attempt, worker_id = u.worker_id,
          claim_id = u.claim_id, failures = u.failures, open_dependencies = u.open_dependencies,
          heard = false, blocked = NULL, not_before = NULL, ready_at = NULL, completed_at = NULL,
          claimed_at = ?::timestamptz, started_at = coalesce(s.started_at, ?::timestamptz),
          lease_until = ?::timestamptz,
          run_until = ?::timestamptz + make_interval(secs => s.run_seconds)
      FROM u
      WHERE s.tenant_id = u.tenant_id AND s.workflow_id = u.workflow_id AND s.step_id = u.step_id
        AND u.claim NOT IN (SELECT claim FROM with_files)
      RETURNING s.tenant_id, s.workflow_id, s.step_id
      """;
  private static final String HELD =
      """
      SELECT s.tenant_id, s.workflow_id, s.step_id, s.status, s.attempt, s.failures,
             s.max_attempts, s.capability, s.priority, s.position, s.uses_files, s.not_before, s.ready_at, k.n
      FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[])
        AS k (n, tenant_id, worker_id, claim_id)
      JOIN step AS s
        ON s.tenant_id = k.tenant_id AND s.worker_id = k.worker_id AND s.claim_id = k.claim_id
       AND s.status = 'IN_PROGRESS'
      """;
  private static final String SPECS =
      """
      SELECT d.tenant_id, d.workflow_id, d.step_id, d.spec::text AS spec
      FROM step_definition AS d
      JOIN unnest(?::text[], ?::text[], ?::text[]) AS k (tenant_id, workflow_id, step_id)
        USING (tenant_id, workflow_id, step_id)
      """;
  private static final String BLOCK =
      """
      UPDATE step AS s SET blocked = 'files'
      FROM unnest(?::text[], ?::text[], ?::text[]) AS k (tenant_id, workflow_id, step_id)
      WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id AND s.step_id = k.step_id
      """;

  private final JdbcTemplate jdbc;
  private final ClaimFloors floors;

  ClaimStore(JdbcTemplate jdbc, ClaimFloors floors) {
    this.jdbc = jdbc;
    this.floors = floors;
  }

  /** Statements of a claim's transaction that may go together. */
  Pipeline pipeline() {
    return new Pipeline(jdbc);
  }

  /** A step that a claim may get. */
  record Candidate(
      StepKey key, StepState state, boolean usesFiles, long position, @Nullable Instant readyAt) {
    Candidate with(StepState newState) {
      return new Candidate(key, newState, usesFiles, position, readyAt);
    }
  }

  /** Ready steps of a group, the most urgent and oldest first; their rows are locked. */
  List<Candidate> ready(Claim.Group group, int limit) {
    List<String> capabilities = List.copyOf(group.capabilities());
    List<ClaimFloors.Place> begun =
        capabilities.stream().map(capability -> floors.begin(group.tenant(), capability)).toList();
    if (begun.stream().allMatch(ClaimFloors.Place::isLast)) {
      return List.of();
    }
    List<Candidate> found =
        jdbc.query(
            READY,
            (row, n) -> candidate(row),
            capabilities.toArray(String[]::new),
            longs(begun, ClaimFloors.Place::urgency),
            longs(begun, ClaimFloors.Place::position),
            group.tenant().value(),
            limit,
            limit);
    boolean everything = found.size() < limit;
    for (int i = 0; i < capabilities.size(); i++) {
      String capability = capabilities.get(i);
      Optional<Candidate> first =
          found.stream().filter(c -> c.state().capability().equals(capability)).findFirst();
      if (first.isPresent() || everything) {
        floors.found(group.tenant(), capability, begun.get(i), first.orElse(null));
      }
    }
    return found;
  }

  Optional<Candidate> lock(StepKey key) {
    return jdbc
        .query(
            ONE,
            (row, n) -> candidate(row),
            key.workflow().tenant().value(),
            key.workflow().workflow().value(),
            key.step().value())
        .stream()
        .findFirst();
  }

  /** What repeated claims got the first time and still hold. */
  List<ClaimReadySteps.Handed> heldBy(List<Claim> claims) {
    List<Integer> repeatable = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      if (claims.get(i).mayHold()) {
        repeatable.add(i);
      }
    }
    if (repeatable.isEmpty()) {
      return List.of();
    }
    return jdbc.query(
        HELD,
        (row, n) -> new ClaimReadySteps.Handed(claims.get(row.getInt("n")), candidate(row)),
        longs(repeatable, i -> i),
        texts(repeatable, i -> claims.get(i).tenant()),
        texts(repeatable, i -> claims.get(i).worker()),
        texts(repeatable, i -> claims.get(i).claimId()));
  }

  void begin(
      Pipeline pipeline, List<ClaimReadySteps.Handed> handed, Instant now, LeaseSettings leases) {
    if (handed.isEmpty()) {
      return;
    }
    pipeline.update(
        BEGIN,
        now.toString(),
        now.toString(),
        now.plus(leases.lease()).toString(),
        now.toString(),
        texts(handed, h -> h.step().key().workflow().tenant()),
        texts(handed, h -> h.step().key().workflow().workflow()),
        texts(handed, h -> h.step().key().step()),
        longs(handed, h -> h.step().state().attempt()),
        texts(handed, h -> h.claim().worker()),
        texts(handed, h -> h.claim().claimId()));
  }

  /**
   * Begins steps whose rows do not say yet that they are ready, except for claims that are to have
   * one that uses files; returns which were begun. Flushes the pipeline.
   */
  Set<StepKey> beginWithoutFiles(
      Pipeline pipeline, List<ClaimReadySteps.Handed> handed, Instant now, LeaseSettings leases) {
    Set<StepKey> begun = new HashSet<>();
    if (handed.isEmpty()) {
      return begun;
    }
    List<Claim> claims = handed.stream().map(ClaimReadySteps.Handed::claim).distinct().toList();
    pipeline.query(
        BEGIN_WITHOUT_FILES,
        row -> begun.add(key(row)),
        texts(handed, h -> h.step().key().workflow().tenant()),
        texts(handed, h -> h.step().key().workflow().workflow()),
        texts(handed, h -> h.step().key().step()),
        longs(handed, h -> h.step().state().attempt()),
        texts(handed, h -> h.claim().worker()),
        texts(handed, h -> h.claim().claimId()),
        longs(handed, h -> h.step().state().failures()),
        longs(handed, h -> h.step().state().openDependencies()),
        longs(handed, h -> claims.indexOf(h.claim())),
        now.toString(),
        now.toString(),
        now.plus(leases.lease()).toString(),
        now.toString());
    pipeline.flush();
    return begun;
  }

  /** The files that these steps declare. */
  List<FileLockStore.Use> files(List<Candidate> users) {
    List<FileLockStore.Use> uses = new ArrayList<>();
    jdbc.query(
        SPECS,
        row -> {
          StepSpec spec = WireJson.mapper().readValue(row.getString("spec"), StepSpec.class);
          StepKey key = key(row);
          int attempt = attemptOf(users, key);
          spec.fileList()
              .forEach(
                  path -> uses.add(new FileLockStore.Use(key, attempt, path, spec.accessTo(path))));
        },
        texts(users, u -> u.key().workflow().tenant()),
        texts(users, u -> u.key().workflow().workflow()),
        texts(users, u -> u.key().step()));
    return uses;
  }

  void blockForFiles(List<Candidate> blocked) {
    if (blocked.isEmpty()) {
      return;
    }
    jdbc.update(
        BLOCK,
        texts(blocked, u -> u.key().workflow().tenant()),
        texts(blocked, u -> u.key().workflow().workflow()),
        texts(blocked, u -> u.key().step()));
  }

  private static int attemptOf(List<Candidate> users, StepKey key) {
    return users.stream()
            .filter(u -> u.key().equals(key))
            .mapToInt(u -> u.state().attempt())
            .findFirst()
            .orElse(0)
        + 1;
  }

  private static StepKey key(ResultSet row) throws SQLException {
    return new StepKey(
        WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
        new StepId(row.getString("step_id")));
  }

  private static Candidate candidate(ResultSet row) throws SQLException {
    StepKey key = key(row);
    var notBefore = row.getTimestamp("not_before");
    StepState state =
        new StepState(
            key.step(),
            StepStatus.valueOf(row.getString("status")),
            row.getInt("attempt"),
            row.getInt("failures"),
            0,
            row.getInt("max_attempts"),
            row.getString("capability"),
            row.getInt("priority"),
            false,
            null,
            notBefore == null ? null : notBefore.toInstant(),
            List.of(),
            List.of());
    var readyAt = row.getTimestamp("ready_at");
    return new Candidate(
        key,
        state,
        row.getBoolean("uses_files"),
        row.getLong("position"),
        readyAt == null ? null : readyAt.toInstant());
  }
}
