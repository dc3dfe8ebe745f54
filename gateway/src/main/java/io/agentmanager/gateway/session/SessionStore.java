package io.agentmanager.gateway.session;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of sessions. */
@Component
class SessionStore {
  private static final String COLUMNS =
      """
      SELECT session_id, tenant_id, person, device, label, began_at, last_seen, ended_at
      FROM session
      """;
  private static final String FIND = COLUMNS + "WHERE provider_session = ?";
  private static final String OPEN =
      COLUMNS
          + """
          WHERE tenant_id = ? AND (?::text IS NULL OR person = ?) AND ended_at IS NULL
            AND last_seen > ?::timestamptz AND began_at > ?::timestamptz
          ORDER BY last_seen DESC, session_id
          """;
  private static final String LOCK_PERSON =
      "SELECT pg_advisory_xact_lock(hashtextextended('agentmanager.sessions.' || ? || '/' || ?,"
          + " 0))";
  private static final String INSERT =
      """
      INSERT INTO session (session_id, tenant_id, person, provider_session, device, label, began_at,
        last_seen)
      VALUES (?, ?, ?, ?, ?, ?, ?::timestamptz, ?::timestamptz)
      """;
  private static final String SEEN =
      "UPDATE session SET last_seen = ?::timestamptz WHERE session_id = ? AND ended_at IS NULL";
  private static final String END =
      """
      UPDATE session SET ended_at = ?::timestamptz
      WHERE tenant_id = ? AND (?::text IS NULL OR person = ?) AND (?::text IS NULL OR session_id = ?)
        AND ended_at IS NULL
      """;
  private static final String REMOVE = "DELETE FROM session WHERE last_seen < ?::timestamptz";
  private static final String LABELS =
      "SELECT session_id, label FROM session WHERE session_id > ? ORDER BY session_id LIMIT ?";
  private static final String RELABEL =
      "UPDATE session SET label = ? WHERE session_id = ? AND label = ?";
  private final JdbcTemplate jdbc;

  SessionStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** A session as it is kept. */
  record Row(
      String id,
      TenantId tenant,
      String person,
      String device,
      String label,
      Instant beganAt,
      Instant lastSeen,
      @Nullable Instant endedAt) {}

  /** Whose sessions: one person's, or all of a tenant. */
  record Whose(TenantId tenant, @Nullable String person) {
    static Whose of(Caller caller) {
      return new Whose(caller.tenant(), caller.name());
    }
  }

  /** A sealed label. */
  record Label(String session, String sealed) {}

  Optional<Row> find(String providerSession) {
    return jdbc.query(FIND, (row, n) -> row(row), providerSession).stream().findFirst();
  }

  /** Those that have not ended, were seen since then and began since then, the newest use first. */
  List<Row> open(Whose whose, Instant seenSince, Instant begunSince) {
    return jdbc.query(
        OPEN,
        (row, n) -> row(row),
        whose.tenant().value(),
        whose.person(),
        whose.person(),
        seenSince.toString(),
        begunSince.toString());
  }

  /** Until the transaction ends, nobody else begins a session of that person. */
  void lockPerson(Caller caller) {
    jdbc.queryForList(LOCK_PERSON, caller.tenant().value(), caller.name());
  }

  void insert(Row row, String providerSession) {
    jdbc.update(
        INSERT,
        row.id(),
        row.tenant().value(),
        row.person(),
        providerSession,
        row.device(),
        row.label(),
        row.beganAt().toString(),
        row.lastSeen().toString());
  }

  void seen(String id, Instant now) {
    jdbc.update(SEEN, now.toString(), id);
  }

  /** Ends one session, or all; returns how many. */
  int end(Whose whose, @Nullable String id, Instant now) {
    return jdbc.update(
        END, now.toString(), whose.tenant().value(), whose.person(), whose.person(), id, id);
  }

  int removeUnseenSince(Instant time) {
    return jdbc.update(REMOVE, time.toString());
  }

  List<Label> labels(String after, int limit) {
    return jdbc.query(
        LABELS,
        (row, n) -> new Label(row.getString("session_id"), row.getString("label")),
        after,
        limit);
  }

  void relabel(Label before, String sealed) {
    jdbc.update(RELABEL, sealed, before.session(), before.sealed());
  }

  private static Row row(ResultSet row) throws SQLException {
    Timestamp ended = row.getTimestamp("ended_at");
    return new Row(
        row.getString("session_id"),
        new TenantId(row.getString("tenant_id")),
        row.getString("person"),
        row.getString("device"),
        row.getString("label"),
        row.getTimestamp("began_at").toInstant(),
        row.getTimestamp("last_seen").toInstant(),
        ended == null ? null : ended.toInstant());
  }
}
