package io.agentmanager.gateway.trail;

import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.contracts.trail.TrailEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of entries on their way to Kafka. */
@Component
class TrailOutbox {
  private static final String INSERT =
      """
      INSERT INTO trail_outbox (tenant_id, entry)
      SELECT tenant_id, entry::jsonb
      FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS e (tenant_id, entry, n)
      ORDER BY n
      """;

  /** For a replica alone, for a while: if it dies, another takes them again after that. */
  private static final String TAKE =
      """
      UPDATE trail_outbox SET taken_until = ?::timestamptz
      WHERE id IN (
        SELECT id FROM trail_outbox
        WHERE taken_until < ?::timestamptz
        ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED)
      RETURNING id, tenant_id, entry::text AS entry
      """;

  private static final String REMOVE = "DELETE FROM trail_outbox WHERE id = ANY (?::bigint[])";
  private final JdbcTemplate jdbc;

  TrailOutbox(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** An entry with its number here. */
  record Waiting(long id, String tenant, String entry) {}

  void insert(List<TrailEvent> events) {
    jdbc.update(
        INSERT,
        texts(events, TrailEvent::tenantId),
        texts(events, event -> WireJson.mapper().writeValueAsString(event)));
  }

  /** The oldest that nobody carries, until then for the caller alone, in their order. */
  List<Waiting> take(Instant now, Instant until, int limit) {
    return jdbc
        .query(TAKE, (row, n) -> waiting(row), until.toString(), now.toString(), limit)
        .stream()
        .sorted(Comparator.comparingLong(Waiting::id))
        .toList();
  }

  void remove(List<Waiting> carried) {
    jdbc.update(REMOVE, (Object) carried.stream().map(Waiting::id).toArray(Long[]::new));
  }

  private static Waiting waiting(ResultSet row) throws SQLException {
    return new Waiting(row.getLong("id"), row.getString("tenant_id"), row.getString("entry"));
  }
}
