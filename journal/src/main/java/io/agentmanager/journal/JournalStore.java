package io.agentmanager.journal;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.json.WireJson;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** The journal's SQL. Append within the transaction that changes the state. */
public final class JournalStore {
  private static final String APPEND =
      """
      INSERT INTO journal (tenant_id, workflow_id, type, step_id, attempt, at, event, data)
      SELECT tenant_id, workflow_id, type, step_id, attempt::int, ?::timestamptz, event, data::jsonb
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
        WITH ORDINALITY AS e (tenant_id, workflow_id, type, step_id, attempt, event, data, n)
      ORDER BY n
      """;
  private static final String NEXT_ID = "SELECT pg_current_xact_id()::text::bigint";
  private static final String NUMBERS =
      """
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END,
             CASE WHEN is_called AND last_value > ? THEN pg_current_xact_id()::text::bigint ELSE 0 END
      FROM journal_seq
      """;
  private static final String OLDEST_RUNNING =
      "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
  private static final String OUTBOX =
      """
      SELECT j.seq, j.tenant_id, j.workflow_id, j.at, j.event, j.data::text AS data,
             (SELECT t.traceparent FROM workflow_trace AS t
              WHERE t.tenant_id = j.tenant_id AND t.workflow_id = j.workflow_id) AS traceparent
      FROM journal AS j
      WHERE j.event IS NOT NULL AND j.seq > ? AND j.seq <= ?
      ORDER BY j.seq
      LIMIT ?
      """;
  private static final String CURSOR = "SELECT seq FROM relay_cursor WHERE name = 'kafka'";
  private static final String MOVE_CURSOR =
      "UPDATE relay_cursor SET seq = ? WHERE name = 'kafka' AND seq < ?";
  private static final String BACKLOG =
      """
      SELECT greatest(0, (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_seq)
        - (SELECT seq FROM relay_cursor WHERE name = 'kafka'))
      """;
  private static final String OLDEST =
      """
      SELECT at FROM journal
      WHERE event IS NOT NULL AND seq > (SELECT seq FROM relay_cursor WHERE name = 'kafka')
      ORDER BY seq LIMIT 1
      """;
  private static final String REPEAT =
      """
      INSERT INTO journal (tenant_id, workflow_id, type, step_id, attempt, at, event, data)
      SELECT tenant_id, workflow_id, type, step_id, attempt, ?::timestamptz, event, data
      FROM journal
      WHERE tenant_id = ? AND workflow_id = ? AND event = ANY (?::text[])
        AND data ->> 'audit_cycle' = ?
      ORDER BY seq
      LIMIT 1
      """;
  private static final String REMOVE =
      """
      DELETE FROM journal AS j
      USING unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
      WHERE j.tenant_id = k.tenant_id AND j.workflow_id = k.workflow_id
        AND j.seq <= (SELECT seq FROM relay_cursor WHERE name = 'kafka')
      """;
  private static final String NEWEST =
      """
      SELECT w.tenant_id, w.workflow_id, n.seq
      FROM unnest(?::text[], ?::text[]) AS w (tenant_id, workflow_id)
      CROSS JOIN LATERAL (
        SELECT j.seq FROM journal AS j
        WHERE j.tenant_id = w.tenant_id AND j.workflow_id = w.workflow_id
        ORDER BY j.seq DESC
        LIMIT 1
      ) AS n
      """;
  private static final String STOP_LEADING = "SELECT pg_advisory_unlock_all()";
  private static final String LEAD =
      "SELECT pg_try_advisory_lock(hashtext('agentmanager.journal.relay'))";

  private final JdbcTemplate jdbc;

  /** Works on the database behind the template, in whatever transaction is open there. */
  public JournalStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A row on its way to Kafka.
   *
   * @param seq the journal's number
   * @param data the event as JSON
   * @param traceparent the workflow's place in a trace, if it has one
   */
  public record OutboxRow(
      long seq,
      String tenantId,
      String workflowId,
      Instant at,
      EventKind kind,
      String data,
      @Nullable String traceparent) {}

  /** Appends in the given order. The transaction must hold the rows that the entries speak of. */
  public void append(List<JournalEntry> entries, Instant at) {
    Pipeline pipeline = new Pipeline(jdbc);
    append(pipeline, entries, at);
    pipeline.flush();
  }

  /** Appends as {@link #append(List, Instant)} does, when the pipeline is flushed. */
  public void append(Pipeline pipeline, List<JournalEntry> entries, Instant at) {
    if (entries.isEmpty()) {
      return;
    }
    pipeline.update(
        APPEND,
        at.toString(),
        texts(entries, e -> e.key().tenant()),
        texts(entries, e -> e.key().workflow()),
        texts(entries, JournalEntry::type),
        texts(entries, JournalEntry::step),
        texts(entries, JournalEntry::attempt),
        texts(entries, e -> e.event() == null ? null : e.event().kind().name()),
        texts(entries, JournalStore::json));
  }

  /**
   * Publishes the verdict of an audit cycle once more, for those whom it did not reach. Call it
   * within a transaction: that has its id before the row is numbered.
   */
  public void repeat(WorkflowKey key, Set<EventKind> kinds, int cycle, Instant at) {
    required(jdbc.queryForObject(NEXT_ID, Long.class));
    jdbc.update(
        REPEAT,
        at.toString(),
        key.tenant().value(),
        key.workflow().value(),
        kinds.stream().map(EventKind::name).toArray(String[]::new),
        Integer.toString(cycle));
  }

  /**
   * Removes what the journal says of these workflows, as far as it was relayed, and their traces.
   */
  public void remove(List<WorkflowKey> keys) {
    WorkflowTraces.remove(jdbc, keys);
    jdbc.update(REMOVE, texts(keys, WorkflowKey::tenant), texts(keys, WorkflowKey::workflow));
  }

  /** The newest number of each workflow that has any. */
  public Map<WorkflowKey, Long> newest(List<WorkflowKey> keys) {
    Map<WorkflowKey, Long> newest = new HashMap<>();
    jdbc.query(
        NEWEST,
        row -> {
          newest.put(
              WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
              row.getLong("seq"));
        },
        texts(keys, WorkflowKey::tenant),
        texts(keys, WorkflowKey::workflow));
    return newest;
  }

  /** How many numbers the relay is behind; an upper bound of the events that wait for Kafka. */
  public long backlog() {
    return required(jdbc.queryForObject(BACKLOG, Long.class));
  }

  /** When the oldest event was committed that waits for Kafka; empty when none waits. */
  public Optional<Instant> oldestWaiting() {
    return jdbc
        .query(OLDEST, (row, n) -> row.getObject("at", OffsetDateTime.class).toInstant())
        .stream()
        .findFirst();
  }

  /**
   * What the horizon needs, each read after the one before: the last number drawn; an id that no
   * transaction had before, taken for this look alone since a snapshot's upper end lies below ids
   * that run already; and the oldest transaction that runs (this look itself, if none is older).
   * Two statements, as each has a snapshot of its own.
   *
   * @param known the last number that was looked at: without a newer one no id is taken
   */
  JournalHorizon.Observation observe(long known) {
    long[] numbers = new long[2];
    long[] oldest = new long[1];
    Pipeline look = new Pipeline(jdbc);
    look.query(
        NUMBERS,
        row -> {
          numbers[0] = row.getLong(1);
          numbers[1] = row.getLong(2);
        },
        known);
    look.query(OLDEST_RUNNING, row -> oldest[0] = row.getLong(1));
    look.flush();
    return new JournalHorizon.Observation(numbers[0], oldest[0], numbers[1]);
  }

  List<OutboxRow> outbox(long after, long upTo, int limit) {
    return jdbc.query(
        OUTBOX,
        (row, n) ->
            new OutboxRow(
                row.getLong("seq"),
                row.getString("tenant_id"),
                row.getString("workflow_id"),
                row.getTimestamp("at").toInstant(),
                EventKind.valueOf(row.getString("event")),
                row.getString("data"),
                row.getString("traceparent")),
        after,
        upTo,
        limit);
  }

  long cursor() {
    return required(jdbc.queryForObject(CURSOR, Long.class));
  }

  void moveCursor(long seq) {
    jdbc.update(MOVE_CURSOR, seq, seq);
  }

  void stopLeading() {
    jdbc.execute(STOP_LEADING);
  }

  boolean tryToLead() {
    return required(jdbc.queryForObject(LEAD, Boolean.class));
  }

  private static String json(JournalEntry entry) {
    return WireJson.mapper()
        .writeValueAsString(entry.event() == null ? entry.data() : entry.event());
  }

  private static <T> T required(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the database answered nothing where a row must be");
    }
    return value;
  }
}
