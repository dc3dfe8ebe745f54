package io.agentmanager.audit.trail;

import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.stereotype.Component;

/** The SQL of the trail, of all tenants. */
@Component
class TrailStore {
  static final String COLUMNS =
      """
      SELECT tenant_id, seq, entry_id, at, actor, roles, action, object, status, count, origin,
             request_id, key_version, hash
      FROM trail_entry
      """;
  private static final String BEGIN_HEADS =
      """
      INSERT INTO trail_head (tenant_id, seq, hash, published)
      SELECT tenant_id, 0, ?, 0 FROM unnest(?::text[]) AS t (tenant_id)
      ON CONFLICT DO NOTHING
      """;
  private static final String LOCK_HEADS =
      """
      SELECT tenant_id, seq, hash, published FROM trail_head
      WHERE tenant_id = ANY (?::text[]) ORDER BY tenant_id FOR UPDATE
      """;
  private static final String KNOWN =
      """
      SELECT e.entry_id
      FROM unnest(?::text[], ?::text[]) AS k (tenant_id, entry_id)
      JOIN trail_entry AS e USING (tenant_id, entry_id)
      """;
  private static final String INSERT =
      """
      INSERT INTO trail_entry (tenant_id, seq, entry_id, at, actor, roles, action, object, status,
        count, origin, request_id, key_version, hash)
      SELECT tenant_id, seq, entry_id, at, actor, string_to_array(roles, ','), action, object,
             status, count, origin, request_id, key_version, decode(hash, 'hex')
      FROM unnest(?::text[], ?::bigint[], ?::text[], ?::timestamptz[], ?::text[], ?::text[],
                  ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::bigint[],
                  ?::text[])
        AS e (tenant_id, seq, entry_id, at, actor, roles, action, object, status, count, origin,
          request_id, key_version, hash)
      """;
  private static final String MOVE_HEAD =
      "UPDATE trail_head SET seq = ?, hash = ? WHERE tenant_id = ?";
  private static final String HEADS = "SELECT tenant_id, seq, hash, published FROM trail_head";
  private static final String UNPUBLISHED = HEADS + " WHERE published <> seq";
  private static final String PUBLISHED = "UPDATE trail_head SET published = ? WHERE tenant_id = ?";
  private static final String ALL = COLUMNS + "ORDER BY tenant_id, seq";
  private static final String OF_TENANT = COLUMNS + "WHERE tenant_id = ? ORDER BY seq";
  private static final int FETCHED = 1000;

  /** What the database calls infinity comes after it. */
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private final JdbcTemplate jdbc;
  private final JdbcTemplate streaming;

  TrailStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
    this.streaming = new JdbcTemplate(Objects.requireNonNull(jdbc.getDataSource()));
    this.streaming.setFetchSize(FETCHED);
  }

  /**
   * Where a chain stands.
   *
   * @param published up to which number that was published
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
  record Head(TenantId tenant, long seq, byte[] hash, long published) {}

  /** The heads of these chains, locked in one order until the transaction ends; new ones at 0. */
  Map<TenantId, Head> lockHeads(Collection<TenantId> tenants) {
    String[] names = tenants.stream().map(TenantId::value).sorted().toArray(String[]::new);
    jdbc.update(BEGIN_HEADS, HashChain.genesis(), names);
    Map<TenantId, Head> heads = new HashMap<>();
    jdbc.query(LOCK_HEADS, (row, n) -> head(row), (Object) names)
        .forEach(head -> heads.put(head.tenant(), head));
    return heads;
  }

  /** The ids of those that are in the trail already. */
  Set<String> known(List<TrailEvent> events) {
    return new HashSet<>(
        jdbc.queryForList(
            KNOWN,
            String.class,
            texts(events, TrailEvent::tenantId),
            texts(events, TrailEvent::entryId)));
  }

  void insert(List<ChainedEntry> entries) {
    jdbc.update(
        INSERT,
        texts(entries, e -> e.event().tenantId()),
        longs(entries, ChainedEntry::seq),
        texts(entries, e -> e.event().entryId()),
        texts(entries, e -> e.event().at()),
        texts(entries, e -> e.event().actor()),
        texts(entries, e -> String.join(",", e.event().roles())),
        texts(entries, e -> e.event().action()),
        texts(entries, e -> e.event().object()),
        longs(entries, e -> e.event().status()),
        longs(entries, e -> e.event().count()),
        texts(entries, e -> e.event().origin()),
        texts(entries, e -> e.event().requestId()),
        longs(entries, ChainedEntry::keyVersion),
        texts(entries, e -> HexFormat.of().formatHex(e.hash())));
  }

  void moveHead(ChainedEntry newest) {
    jdbc.update(MOVE_HEAD, newest.seq(), newest.hash(), newest.event().tenantId().value());
  }

  List<Head> heads() {
    return jdbc.query(HEADS, (row, n) -> head(row));
  }

  List<Head> unpublished() {
    return jdbc.query(UNPUBLISHED, (row, n) -> head(row));
  }

  void published(Head head) {
    jdbc.update(PUBLISHED, head.seq(), head.tenant().value());
  }

  /**
   * Hands over every entry of a tenant, or of all, each chain in its order. Call it within a
   * transaction: it reads through a cursor.
   *
   * @param unreadable told of rows that no service could have written, by tenant and number
   */
  void each(
      @Nullable TenantId tenant,
      Consumer<ChainedEntry> consumer,
      BiConsumer<String, Long> unreadable) {
    RowCallbackHandler each =
        row -> {
          ChainedEntry entry;
          try {
            entry = entry(row);
          } catch (RuntimeException e) {
            unreadable.accept(row.getString("tenant_id"), row.getLong("seq"));
            return;
          }
          consumer.accept(entry);
        };
    if (tenant == null) {
      streaming.query(ALL, each);
    } else {
      streaming.query(OF_TENANT, each, tenant.value());
    }
  }

  static ChainedEntry entry(ResultSet row) throws SQLException {
    Instant at = row.getTimestamp("at").toInstant();
    if (at.isAfter(LAST)) {
      throw new IllegalArgumentException("nothing happened at " + at);
    }
    return new ChainedEntry(
        new TrailEvent(
            row.getString("entry_id"),
            at,
            new TenantId(row.getString("tenant_id")),
            row.getString("actor"),
            Arrays.asList((String[]) row.getArray("roles").getArray()),
            row.getString("action"),
            row.getString("object"),
            row.getInt("status"),
            row.getInt("count"),
            row.getString("origin"),
            row.getString("request_id")),
        row.getLong("seq"),
        row.getInt("key_version"),
        row.getBytes("hash"));
  }

  private static Head head(ResultSet row) throws SQLException {
    return new Head(
        new TenantId(row.getString("tenant_id")),
        row.getLong("seq"),
        row.getBytes("hash"),
        row.getLong("published"));
  }
}
