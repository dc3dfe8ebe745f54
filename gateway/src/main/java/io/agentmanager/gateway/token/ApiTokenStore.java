package io.agentmanager.gateway.token;

import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TokenView;
import io.agentmanager.contracts.id.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of API tokens and their secrets. */
@Component
class ApiTokenStore {
  private static final String FIND =
      """
      SELECT t.token_id, t.name, t.tenant_id, t.roles, t.capabilities, t.created_at, t.created_by,
        t.expires_at, t.last_used_at, least(t.expires_at, s.valid_until) AS until
      FROM token_secret AS s JOIN token AS t USING (token_id)
      WHERE s.secret_hash = ?
      """;
  private static final String LIST =
      """
      SELECT token_id, name, tenant_id, roles, capabilities, created_at, created_by, expires_at,
        last_used_at
      FROM token
      WHERE (tenant_id = ? AND NOT 'operator' = ANY (roles) OR ?::boolean)
      ORDER BY tenant_id, name
      """;
  private static final String COUNT = "SELECT count(*) FROM token WHERE tenant_id = ?";
  private static final String INSERT =
      """
      INSERT INTO token (token_id, tenant_id, name, roles, capabilities, created_at, created_by,
        expires_at)
      VALUES (?, ?, ?, ?::text[], ?::text[], ?::timestamptz, ?, ?::timestamptz)
      """;
  private static final String UPSERT =
      """
      INSERT INTO token (token_id, tenant_id, name, roles, created_at, created_by)
      VALUES (?, ?, ?, ?::text[], ?::timestamptz, ?)
      ON CONFLICT (tenant_id, name) DO UPDATE
        SET roles = excluded.roles, capabilities = DEFAULT, expires_at = NULL
      RETURNING token_id
      """;
  private static final String LOCK =
      """
      SELECT token_id, name, tenant_id, roles, capabilities, created_at, created_by, expires_at,
        last_used_at
      FROM token
      WHERE token_id = ? AND (tenant_id = ? AND NOT 'operator' = ANY (roles) OR ?::boolean)
      FOR UPDATE
      """;
  private static final String DELETE =
      """
      DELETE FROM token
      WHERE token_id = ? AND (tenant_id = ? AND NOT 'operator' = ANY (roles) OR ?::boolean)
      """;
  private static final String USED =
      """
      UPDATE token SET last_used_at = ?::timestamptz
      WHERE token_id = ? AND (last_used_at IS NULL OR last_used_at < ?::timestamptz)
      """;
  private static final String ADD_SECRET =
      "INSERT INTO token_secret (secret_hash, token_id, created_at) VALUES (?, ?, ?::timestamptz)";
  private static final String END_SECRETS =
      """
      UPDATE token_secret SET valid_until = ?::timestamptz
      WHERE token_id = ? AND (valid_until IS NULL OR valid_until > ?::timestamptz)
      """;
  private static final String REMOVE_OLDER_SECRETS =
      """
      DELETE FROM token_secret AS s
      WHERE s.token_id = ?
        AND s.number < (SELECT max(number) FROM token_secret WHERE token_id = s.token_id)
      """;
  private static final String REMOVE_SECRETS = "DELETE FROM token_secret WHERE token_id = ?";

  private final JdbcTemplate jdbc;

  ApiTokenStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** A token that a secret belongs to, and until when that secret is taken. */
  record Found(TokenView token, @Nullable Instant until) {}

  Optional<Found> find(String hash) {
    return jdbc.query(FIND, (row, n) -> new Found(token(row), instant(row, "until")), hash).stream()
        .findFirst();
  }

  /**
   * Which tokens a call may touch: those of its tenant but for operators', or all.
   *
   * @param all whether the caller is an operator
   */
  record Reach(TenantId tenant, boolean all) {}

  List<TokenView> list(Reach reach) {
    return jdbc.query(LIST, (row, n) -> token(row), reach.tenant().value(), reach.all());
  }

  int count(TenantId tenant) {
    Integer count = jdbc.queryForObject(COUNT, Integer.class, tenant.value());
    return count == null ? 0 : count;
  }

  /**
   * Keeps a new token.
   *
   * @return false when its tenant has one of that name
   */
  boolean insert(TokenView token) {
    try {
      jdbc.update(
          INSERT,
          token.tokenId(),
          token.tenant().value(),
          token.name(),
          roles(token.roles()),
          token.capabilities().toArray(String[]::new),
          token.createdAt().toString(),
          token.createdBy(),
          token.expiresAt() == null ? null : token.expiresAt().toString());
      return true;
    } catch (DuplicateKeyException e) {
      return false;
    }
  }

  /** Makes sure of a token of that name with those roles, and returns its id. */
  String ensure(TokenView token) {
    return jdbc.query(
            UPSERT,
            (row, n) -> row.getString(1),
            token.tokenId(),
            token.tenant().value(),
            token.name(),
            roles(token.roles()),
            token.createdAt().toString(),
            token.createdBy())
        .getFirst();
  }

  /** The token, locked until the transaction ends. */
  Optional<TokenView> lock(String id, Reach reach) {
    return jdbc
        .query(LOCK, (row, n) -> token(row), id, reach.tenant().value(), reach.all())
        .stream()
        .findFirst();
  }

  boolean delete(String id, Reach reach) {
    return jdbc.update(DELETE, id, reach.tenant().value(), reach.all()) > 0;
  }

  void used(String id, Instant now, Instant unlessSince) {
    jdbc.update(USED, now.toString(), id, unlessSince.toString());
  }

  void addSecret(String id, String hash, Instant now) {
    jdbc.update(ADD_SECRET, hash, id, now.toString());
  }

  /** Lets the newest secret of a token be taken until then, and the ones before no more. */
  void endSecrets(String id, Instant until) {
    jdbc.update(REMOVE_OLDER_SECRETS, id);
    jdbc.update(END_SECRETS, until.toString(), id, until.toString());
  }

  void removeSecrets(String id) {
    jdbc.update(REMOVE_SECRETS, id);
  }

  private static String[] roles(List<Role> roles) {
    return roles.stream().map(Role::wireName).toArray(String[]::new);
  }

  private static TokenView token(ResultSet row) throws SQLException {
    return new TokenView(
        row.getString("token_id"),
        row.getString("name"),
        new TenantId(row.getString("tenant_id")),
        texts(row, "roles").stream().map(r -> Role.valueOf(r.toUpperCase(Locale.ROOT))).toList(),
        texts(row, "capabilities"),
        row.getTimestamp("created_at").toInstant(),
        row.getString("created_by"),
        instant(row, "expires_at"),
        instant(row, "last_used_at"));
  }

  private static List<String> texts(ResultSet row, String column) throws SQLException {
    return Arrays.asList((String[]) row.getArray(column).getArray());
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    Timestamp time = row.getTimestamp(column);
    return time == null ? null : time.toInstant();
  }
}
