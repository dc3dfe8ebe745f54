package io.agentmanager.task.write;

import static io.agentmanager.journal.Columns.doubles;
import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.journal.Pipeline;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of results and iterations on the write path. */
@Component
class ResultStore {
  private static final String FIND =
      """
      SELECT r.tenant_id, r.workflow_id, r.step_id, r.attempt, r.content_hash, r.workflow_status,
             r.next_action
      FROM step_result AS r
      JOIN unnest(?::text[], ?::text[], ?::text[], ?::bigint[])
        AS k (tenant_id, workflow_id, step_id, attempt)
        USING (tenant_id, workflow_id, step_id, attempt)
      """;
  private static final String INSERT =
      """
      INSERT INTO step_result (tenant_id, workflow_id, step_id, attempt, status, client_id,
        final_result, source_agent, execution_time, error, content_hash, workflow_status,
        next_action, input_tokens, output_tokens, cost_usd, artefacts, created_at)
      SELECT tenant_id, workflow_id, step_id, attempt, status, client_id, final_result,
             source_agent, execution_time::float8, error::jsonb, content_hash, workflow_status,
             next_action, input_tokens, output_tokens, cost_usd, artefacts::jsonb, ?::timestamptz
      FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[],
                  ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],
                  ?::bigint[], ?::float8[], ?::text[])
        AS r (tenant_id, workflow_id, step_id, attempt, status, client_id, final_result,
          source_agent, execution_time, error, content_hash, workflow_status, next_action,
          input_tokens, output_tokens, cost_usd, artefacts)
      """;
  private static final String ITERATIONS =
      """
      INSERT INTO step_iteration (tenant_id, workflow_id, step_id, attempt, index, body)
      SELECT tenant_id, workflow_id, step_id, attempt, index, body::jsonb
      FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[])
        AS i (tenant_id, workflow_id, step_id, attempt, index, body)
      ON CONFLICT (tenant_id, workflow_id, step_id, attempt, index) DO UPDATE
        SET body = excluded.body
        WHERE NOT jsonb_exists(step_iteration.body, 'observation')
      """;
  private static final String POSTED =
      """
      SELECT i.tenant_id, i.workflow_id, i.step_id, i.attempt, i.index, i.body::text AS body
      FROM step_iteration AS i
      JOIN unnest(?::text[], ?::text[], ?::text[], ?::bigint[])
        AS k (tenant_id, workflow_id, step_id, attempt)
        USING (tenant_id, workflow_id, step_id, attempt)
      """;

  /** In place of a hash where no worker's result was accepted: the server ended the attempt. */
  static final String OF_SERVER = "";

  private final JdbcTemplate jdbc;

  ResultStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** One attempt. */
  record AttemptKey(StepKey step, int attempt) {
    static AttemptKey of(WorkflowKey key, StepResult result) {
      return new AttemptKey(new StepKey(key, new StepId(result.stepId())), result.attempt());
    }
  }

  /** A result that was accepted, and how it was answered. */
  record Accepted(
      AttemptKey key, StepResult result, String hash, ResultAnswer answer, Usage usage) {}

  /** What is known of an accepted result: enough to recognise its repeat and answer it again. */
  record Known(String hash, ResultAnswer answer) {}

  /** One iteration to keep. */
  record Kept(AttemptKey key, Iteration iteration) {}

  Map<AttemptKey, Known> find(Collection<AttemptKey> wanted) {
    Map<AttemptKey, Known> found = new HashMap<>();
    if (wanted.isEmpty()) {
      return found;
    }
    List<AttemptKey> keys = List.copyOf(wanted);
    jdbc.query(
        FIND,
        row -> {
          AttemptKey key = key(row);
          found.put(
              key,
              new Known(
                  row.getString("content_hash"),
                  new ResultAnswer(
                      true,
                      key.step().workflow().workflow().value(),
                      key.step().step().value(),
                      key.attempt(),
                      WorkflowStatus.valueOf(row.getString("workflow_status")),
                      ResultAnswer.NextAction.valueOf(row.getString("next_action")))));
        },
        texts(keys, k -> k.step().workflow().tenant()),
        texts(keys, k -> k.step().workflow().workflow()),
        texts(keys, k -> k.step().step()),
        longs(keys, AttemptKey::attempt));
    return found;
  }

  void insert(Pipeline pipeline, List<Accepted> accepted, Instant now) {
    if (accepted.isEmpty()) {
      return;
    }
    pipeline.update(
        INSERT,
        now.toString(),
        texts(accepted, a -> a.key().step().workflow().tenant()),
        texts(accepted, a -> a.key().step().workflow().workflow()),
        texts(accepted, a -> a.key().step().step()),
        longs(accepted, a -> a.key().attempt()),
        texts(accepted, a -> a.result().status().name()),
        texts(accepted, a -> a.result().clientId()),
        texts(accepted, a -> history(a).finalResult()),
        texts(accepted, a -> history(a).sourceAgent()),
        texts(accepted, a -> a.result().executionTime()),
        texts(accepted, a -> json(a.result().error())),
        texts(accepted, Accepted::hash),
        texts(accepted, a -> a.answer().workflowStatus().name()),
        texts(accepted, a -> a.answer().nextAction().name()),
        longs(accepted, a -> a.usage().inputTokens()),
        longs(accepted, a -> a.usage().outputTokens()),
        doubles(accepted, a -> a.usage().costUsd()),
        texts(accepted, a -> json(a.result().artefacts())));
  }

  /** Keeps iterations; a finished one is never overwritten. */
  void keep(Pipeline pipeline, Collection<Kept> all) {
    if (all.isEmpty()) {
      return;
    }
    List<Kept> iterations = List.copyOf(lastOfEach(all));
    pipeline.update(
        ITERATIONS,
        texts(iterations, i -> i.key().step().workflow().tenant()),
        texts(iterations, i -> i.key().step().workflow().workflow()),
        texts(iterations, i -> i.key().step().step()),
        longs(iterations, i -> i.key().attempt()),
        longs(iterations, i -> i.iteration().index()),
        texts(iterations, i -> json(i.iteration())));
  }

  /**
   * The iterations that these attempts have posted so far.
   *
   * @return what is filled when the pipeline is flushed
   */
  Map<AttemptKey, List<Iteration>> posted(Pipeline pipeline, Collection<AttemptKey> wanted) {
    Map<AttemptKey, List<Iteration>> found = new HashMap<>();
    if (wanted.isEmpty()) {
      return found;
    }
    List<AttemptKey> keys = List.copyOf(wanted);
    pipeline.query(
        POSTED,
        row -> {
          found
              .computeIfAbsent(key(row), k -> new ArrayList<>())
              .add(WireJson.mapper().readValue(row.getString("body"), Iteration.class));
        },
        texts(keys, k -> k.step().workflow().tenant()),
        texts(keys, k -> k.step().workflow().workflow()),
        texts(keys, k -> k.step().step()),
        longs(keys, AttemptKey::attempt));
    return found;
  }

  /** Recognises the exact repeat of a result (SHA-256 of its JSON). */
  static String hash(StepResult result) {
    try {
      byte[] json = WireJson.mapper().writeValueAsBytes(result);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One statement may touch a row once: of iterations with one index the last counts. */
  private static Collection<Kept> lastOfEach(Collection<Kept> all) {
    Map<List<Object>, Kept> last = new LinkedHashMap<>();
    all.forEach(kept -> last.put(List.of(kept.key(), kept.iteration().index()), kept));
    return last.values();
  }

  private static RaHistory history(Accepted accepted) {
    RaHistory history = accepted.result().raHistory();
    return history == null ? new RaHistory(null, null, null) : history;
  }

  private static @Nullable String json(@Nullable Object value) {
    return value == null ? null : WireJson.mapper().writeValueAsString(value);
  }

  private static AttemptKey key(ResultSet row) throws SQLException {
    return new AttemptKey(
        new StepKey(
            WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
            new StepId(row.getString("step_id"))),
        row.getInt("attempt"));
  }
}
