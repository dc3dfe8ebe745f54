package io.agentmanager.task.workflow;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.TextEvent;
import io.agentmanager.contracts.id.WorkflowKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The SQL of live text between replicas. Times are the database's, since replicas compare them.
 * Rows of a replica that died are removed by any other.
 */
@Component
class LiveTextStore {
  private static final String ANNOUNCE =
      """
      INSERT INTO live_watch (tenant_id, workflow_id, replica, until)
      SELECT k.tenant_id, k.workflow_id, ?, now() + ?::interval
      FROM unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
      ORDER BY 1, 2
      ON CONFLICT (tenant_id, workflow_id, replica) DO UPDATE SET until = excluded.until
      """;
  private static final String WITHDRAW =
      """
      DELETE FROM live_watch AS w
      USING unnest(?::text[], ?::text[]) AS k (tenant_id, workflow_id)
      WHERE w.replica = ? AND w.tenant_id = k.tenant_id AND w.workflow_id = k.workflow_id
      """;
  private static final String WATCHED_ELSEWHERE =
      "SELECT tenant_id, workflow_id FROM live_watch WHERE replica <> ? AND until > now()";
  private static final String SEND =
      """
      INSERT INTO live_text
        (replica, tenant_id, workflow_id, step_id, attempt, iteration, body, written_at)
      SELECT w.replica, w.tenant_id, w.workflow_id, ?, ?, ?, ?, ?::timestamptz
      FROM live_watch AS w
      WHERE w.tenant_id = ? AND w.workflow_id = ? AND w.replica <> ? AND w.until > now()
      ORDER BY w.replica
      ON CONFLICT (replica, tenant_id, workflow_id, step_id) DO UPDATE
      SET attempt = excluded.attempt, iteration = excluded.iteration, body = excluded.body,
        written_at = excluded.written_at
      """;
  private static final String RECEIVE =
      """
      DELETE FROM live_text AS t WHERE t.replica = ?
      RETURNING tenant_id, workflow_id, step_id, attempt, iteration, body, written_at,
        NOT EXISTS (
          SELECT 1 FROM step_iteration AS i
          WHERE i.tenant_id = t.tenant_id AND i.workflow_id = t.workflow_id
            AND i.step_id = t.step_id AND i.attempt = t.attempt AND i.index >= t.iteration)
        AND EXISTS (
          SELECT 1 FROM step AS s
          WHERE s.tenant_id = t.tenant_id AND s.workflow_id = t.workflow_id
            AND s.step_id = t.step_id AND s.attempt = t.attempt AND s.status = 'IN_PROGRESS')
          AS is_being_written
      """;
  private static final String FORGET_REPLICAS =
      """
      DELETE FROM live_watch AS w
      USING (
        SELECT tenant_id, workflow_id, replica FROM live_watch WHERE until < now()
        FOR UPDATE SKIP LOCKED) AS over
      WHERE w.tenant_id = over.tenant_id AND w.workflow_id = over.workflow_id
        AND w.replica = over.replica
      """;
  private static final String FORGET_TEXTS =
      """
      DELETE FROM live_text AS t
      WHERE NOT EXISTS (
        SELECT 1 FROM live_watch AS w
        WHERE w.replica = t.replica AND w.tenant_id = t.tenant_id
          AND w.workflow_id = t.workflow_id)
      """;

  private final JdbcTemplate jdbc;

  LiveTextStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Text for those who watch its workflow. */
  record Letter(WorkflowKey workflow, TextEvent text) {}

  /** Says that a replica shows these workflows, for that long. */
  void announce(String replica, Collection<WorkflowKey> watched, Duration lasting) {
    jdbc.update(
        ANNOUNCE,
        replica,
        lasting.toString(),
        texts(List.copyOf(watched), WorkflowKey::tenant),
        texts(List.copyOf(watched), WorkflowKey::workflow));
  }

  /** Says that a replica shows them no more. */
  void withdraw(String replica, Collection<WorkflowKey> left) {
    jdbc.update(
        WITHDRAW,
        texts(List.copyOf(left), WorkflowKey::tenant),
        texts(List.copyOf(left), WorkflowKey::workflow),
        replica);
  }

  /** The workflows that other replicas show. */
  Set<WorkflowKey> watchedElsewhere(String replica) {
    return new HashSet<>(
        jdbc.query(
            WATCHED_ELSEWHERE,
            (row, n) -> WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
            replica));
  }

  /** Leaves a step's newest text for each other replica that shows its workflow. */
  void send(String replica, Letter letter) {
    jdbc.update(
        SEND,
        letter.text().stepId(),
        letter.text().attempt(),
        letter.text().data().index(),
        letter.text().data().text(),
        letter.text().at().toString(),
        letter.workflow().tenant().value(),
        letter.workflow().workflow().value(),
        replica);
  }

  /** Takes what others left for a replica; not what was finished meanwhile, and is shown whole. */
  List<Letter> receive(String replica) {
    List<Letter> received = new ArrayList<>();
    jdbc.query(
        RECEIVE,
        row -> {
          if (row.getBoolean("is_being_written")) {
            received.add(letter(row));
          }
        },
        replica);
    return received;
  }

  private static Letter letter(ResultSet row) throws SQLException {
    return new Letter(
        WorkflowKey.of(row.getString("tenant_id"), row.getString("workflow_id")),
        TextEvent.of(
            row.getTimestamp("written_at").toInstant(),
            row.getString("step_id"),
            row.getInt("attempt"),
            new StreamedText(row.getInt("iteration"), row.getString("body"))));
  }

  /** Removes what replicas left behind that have died, or that watch no more. */
  void forgetLeft() {
    jdbc.update(FORGET_REPLICAS);
    jdbc.update(FORGET_TEXTS);
  }
}
