package io.agentmanager.planner.submission;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.database.TenantReads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** The SQL of submissions and their plans. */
@Component
class SubmissionStore {
  private static final String INSERT =
      """
      INSERT INTO submission (tenant_id, workflow_id, idempotency_key, body_hash, submission,
        explicit, plan, usage, created_at, planned_at)
      SELECT tenant_id, workflow_id, idempotency_key, body_hash, submission::jsonb, explicit,
             plan::jsonb, usage::jsonb, created_at,
             CASE WHEN plan IS NOT NULL THEN created_at END
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::text[],
                  ?::text[], ?::timestamptz[])
        AS s (tenant_id, workflow_id, idempotency_key, body_hash, submission, explicit, plan,
          usage, created_at)
      ON CONFLICT (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING workflow_id
      """;
  private static final String COLUMNS =
      """
      SELECT tenant_id, workflow_id, body_hash, submission::text AS submission, explicit,
             plan::text AS plan, failure::text AS failure, usage::text AS usage, created_at,
             traceparent
      FROM submission LEFT JOIN workflow_trace USING (tenant_id, workflow_id)
      """;
  private static final String BY_ID = COLUMNS + "WHERE tenant_id = ? AND workflow_id = ?";
  private static final String BY_IDS =
      """
      SELECT * FROM (
        SELECT s.tenant_id, s.workflow_id, s.body_hash, s.submission::text AS submission,
               s.explicit, s.plan::text AS plan, s.failure::text AS failure,
               s.usage::text AS usage, s.created_at, t.traceparent, k.n,
               sum(length(s.plan::text)) OVER (ORDER BY k.n) AS so_far
        FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS k (tenant_id, workflow_id, n)
        JOIN submission AS s USING (tenant_id, workflow_id)
        LEFT JOIN workflow_trace AS t USING (tenant_id, workflow_id)
      ) AS found
      WHERE n = 1 OR so_far IS NULL OR so_far <= 2097152
      """;
  private static final String BY_KEY = COLUMNS + "WHERE tenant_id = ? AND idempotency_key = ?";
  private static final String PLANNED =
      """
      UPDATE submission
      SET plan = ?::jsonb, usage = ?::jsonb, planned_at = ?::timestamptz
      WHERE tenant_id = ? AND workflow_id = ? AND plan IS NULL AND failure IS NULL
      """;
  private static final String FAILED =
      """
      UPDATE submission
      SET failure = ?::jsonb, usage = ?::jsonb, planned_at = ?::timestamptz
      WHERE tenant_id = ? AND workflow_id = ? AND plan IS NULL AND failure IS NULL
      """;
  private static final String FINISHED =
      """
      UPDATE submission AS s SET finished_at = ?::timestamptz
      FROM unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
      WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id AND s.finished_at IS NULL
      """;
  private static final String LOCK_FINISHED =
      """
      SELECT tenant_id, workflow_id FROM submission
      WHERE finished_at < ?::timestamptz AND created_at < ?::timestamptz
      ORDER BY finished_at
      LIMIT ?
      FOR UPDATE SKIP LOCKED
      """;
  private static final String REMOVE =
      """
      WITH k AS (SELECT * FROM unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)),
      answers AS (
        DELETE FROM synthesis AS s USING k
        WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id
      )
      DELETE FROM submission AS s USING k
      WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id
      """;

  /** Submissions of one tenant count one after the other, whichever replica they reach. */
  private static final String LOCK_TENANT =
      "SELECT pg_advisory_xact_lock(hashtextextended('agentmanager.submissions.' || ?, 0))";

  private static final String OPEN =
      """
      SELECT count(*) FROM (
        SELECT 1 FROM submission WHERE tenant_id = ? AND finished_at IS NULL LIMIT ?) AS open
      """;
  private static final TypeReference<List<StepSpec>> STEPS = new TypeReference<>() {};

  private final JdbcTemplate jdbc;
  private final TenantReads reads;

  SubmissionStore(JdbcTemplate jdbc, TenantReads reads) {
    this.jdbc = jdbc;
    this.reads = reads;
  }

  /** What came with a submission and is not part of its document. */
  record Stored(PlanDocument document, String bodyHash, boolean explicit) {}

  /** A submission as it is written. */
  record Row(Stored stored, @Nullable String idempotencyKey, String goal, @Nullable String plan) {
    private static final int LARGE = 256 * 1024;

    static Row of(Stored stored, @Nullable String idempotencyKey) {
      PlanDocument document = stored.document();
      return new Row(
          stored,
          idempotencyKey,
          json(document.submission()),
          document.tasks() == null ? null : json(document.tasks()));
    }

    /** Whether it is too large to go along with others. */
    boolean isLarge() {
      return goal.length() + (plan == null ? 0 : plan.length()) > LARGE;
    }
  }

  /** Inserts those whose idempotency keys are free; returns their workflows. */
  Set<String> insert(List<Row> rows) {
    return Set.copyOf(
        jdbc.queryForList(
            INSERT,
            String.class,
            texts(rows, r -> r.stored().document().tenantId()),
            texts(rows, r -> r.stored().document().workflowId()),
            texts(rows, Row::idempotencyKey),
            texts(rows, r -> r.stored().bodyHash()),
            texts(rows, Row::goal),
            texts(rows, r -> r.stored().explicit()),
            texts(rows, Row::plan),
            texts(rows, r -> json(r.stored().document().usage())),
            texts(rows, r -> r.stored().document().createdAt())));
  }

  /**
   * How many workflows of a tenant have not ended, as far as that number. Until the transaction
   * ends, nobody else counts them.
   */
  int lockAndCountOpen(TenantId tenant, int atMost) {
    jdbc.queryForList(LOCK_TENANT, tenant.value());
    Integer open = jdbc.queryForObject(OPEN, Integer.class, tenant.value(), atMost);
    return open == null ? 0 : open;
  }

  Optional<Stored> find(WorkflowKey key) {
    return reads.first(
        key.tenant(), BY_ID, (row, n) -> stored(row), key.tenant().value(), key.workflow().value());
  }

  /** Those that are known, while their plans are not too large together. */
  List<Stored> find(List<WorkflowKey> keys) {
    return jdbc.query(
        BY_IDS,
        (row, n) -> stored(row),
        texts(keys, WorkflowKey::tenant),
        texts(keys, WorkflowKey::workflow));
  }

  Optional<Stored> findByKey(TenantId tenant, String idempotencyKey) {
    return reads.first(tenant, BY_KEY, (row, n) -> stored(row), tenant.value(), idempotencyKey);
  }

  boolean planned(WorkflowKey key, List<StepSpec> plan, Usage usage, Instant now) {
    return end(PLANNED, key, json(plan), usage, now);
  }

  boolean failed(WorkflowKey key, StepError failure, Usage usage, Instant now) {
    return end(FAILED, key, json(failure), usage, now);
  }

  void finished(List<WorkflowKey> keys, Instant now) {
    jdbc.update(
        FINISHED,
        now.toString(),
        texts(keys, WorkflowKey::tenant),
        texts(keys, WorkflowKey::workflow));
  }

  /** Those that ended before a time and whose idempotency keys need not be known any more. */
  List<WorkflowKey> lockFinishedBefore(Instant time, Instant keysUntil, int limit) {
    return jdbc.query(
        LOCK_FINISHED,
        (row, n) -> WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
        time.toString(),
        keysUntil.toString(),
        limit);
  }

  /** Removes submissions with their plans and answers. */
  void remove(List<WorkflowKey> keys) {
    jdbc.update(REMOVE, texts(keys, WorkflowKey::tenant), texts(keys, WorkflowKey::workflow));
  }

  private boolean end(String sql, WorkflowKey key, String outcome, Usage usage, Instant now) {
    return jdbc.update(
            sql, outcome, json(usage), now.toString(), key.tenant().value(), key.workflow().value())
        > 0;
  }

  private static Stored stored(ResultSet row) throws SQLException {
    String plan = row.getString("plan");
    String failure = row.getString("failure");
    return new Stored(
        new PlanDocument(
            row.getString("tenant_id"),
            row.getString("workflow_id"),
            WireJson.mapper().readValue(row.getString("submission"), TaskSubmission.class),
            plan == null ? null : WireJson.mapper().readValue(plan, STEPS),
            failure == null ? null : WireJson.mapper().readValue(failure, StepError.class),
            WireJson.mapper().readValue(row.getString("usage"), Usage.class),
            row.getTimestamp("created_at").toInstant(),
            row.getString("traceparent")),
        row.getString("body_hash"),
        row.getBoolean("explicit"));
  }

  private static String json(Object value) {
    return WireJson.mapper().writeValueAsString(value);
  }
}
