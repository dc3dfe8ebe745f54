package io.agentmanager.journal;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.tracing.TraceParent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Which trace a workflow belongs to, so that work that begins hours later is still part of it. */
public final class WorkflowTraces {
  private static final String KEEP =
      """
      INSERT INTO workflow_trace (tenant_id, workflow_id, traceparent)
      SELECT tenant_id, workflow_id, traceparent
      FROM unnest(?::text[], ?::text[], ?::text[]) AS t (tenant_id, workflow_id, traceparent)
      ON CONFLICT DO NOTHING
      """;
  private static final String FOLLOW =
      """
      INSERT INTO workflow_trace (tenant_id, workflow_id, traceparent) VALUES (?, ?, ?)
      ON CONFLICT (tenant_id, workflow_id) DO UPDATE SET traceparent = excluded.traceparent
      """;
  private static final String FIND =
      "SELECT traceparent FROM workflow_trace WHERE tenant_id = ? AND workflow_id = ?";
  private static final String REMOVE =
      """
      DELETE FROM workflow_trace AS t
      USING unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
      WHERE t.tenant_id = k.tenant_id AND t.workflow_id = k.workflow_id
      """;

  private final JdbcTemplate jdbc;

  /** Works on the database behind the template, in whatever transaction is open there. */
  public WorkflowTraces(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Keeps the traces of workflows; the first one that is kept stays.
   *
   * @param traceparents by workflow; what names no place in a trace is not kept
   */
  public void keep(Pipeline pipeline, Map<WorkflowKey, String> traceparents) {
    List<Map.Entry<WorkflowKey, String>> kept = new ArrayList<>();
    traceparents.forEach(
        (key, text) -> {
          String place = TraceParent.valid(text);
          if (place != null) {
            kept.add(Map.entry(key, place));
          }
        });
    if (!kept.isEmpty()) {
      pipeline.update(
          KEEP,
          texts(kept, e -> e.getKey().tenant()),
          texts(kept, e -> e.getKey().workflow()),
          texts(kept, Map.Entry::getValue));
    }
  }

  /**
   * Keeps the newest place that a workflow has come to, in the place of what was kept.
   *
   * @param traceparent what names no place in a trace is not kept
   */
  public void follow(WorkflowKey key, @Nullable String traceparent) {
    String place = TraceParent.valid(traceparent);
    if (place != null) {
      jdbc.update(FOLLOW, key.tenant().value(), key.workflow().value(), place);
    }
  }

  /** Keeps as {@link #keep(Pipeline, Map)} does, at once. */
  public void keep(Map<WorkflowKey, String> traceparents) {
    Pipeline pipeline = new Pipeline(jdbc);
    keep(pipeline, traceparents);
    pipeline.flush();
  }

  /** The trace of a workflow, as {@code traceparent}. */
  public Optional<String> of(WorkflowKey key) {
    return jdbc
        .queryForList(FIND, String.class, key.tenant().value(), key.workflow().value())
        .stream()
        .findFirst();
  }

  static void remove(JdbcTemplate jdbc, List<WorkflowKey> keys) {
    jdbc.update(REMOVE, texts(keys, WorkflowKey::tenant), texts(keys, WorkflowKey::workflow));
  }
}
