package io.agentmanager.gateway.token;

import io.agentmanager.contracts.id.TenantId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of API tokens. A token is high-entropy, so its plain SHA-256 tells nothing about it. */
@Component
class ApiTokenStore {
  private static final String FIND =
      "SELECT name, tenant_id, roles FROM api_token WHERE token_hash = ?";
  private static final String REPLACE =
      """
      INSERT INTO api_token (token_hash, name, tenant_id, roles, created_at)
      VALUES (?, ?, ?, ?::text[], ?::timestamptz)
      ON CONFLICT (tenant_id, name) DO UPDATE
      SET token_hash = excluded.token_hash, roles = excluded.roles,
          created_at = excluded.created_at
      """;
  private final JdbcTemplate jdbc;

  ApiTokenStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Whom a token stands for. */
  record Holder(String name, TenantId tenant, List<String> roles) {}

  Optional<Holder> find(String token) {
    return jdbc
        .query(
            FIND,
            (row, n) ->
                new Holder(
                    row.getString("name"),
                    new TenantId(row.getString("tenant_id")),
                    Arrays.asList((String[]) row.getArray("roles").getArray())),
            hash(token))
        .stream()
        .findFirst();
  }

  void replace(String token, Holder holder, Instant now) {
    jdbc.update(
        REPLACE,
        hash(token),
        holder.name(),
        holder.tenant().value(),
        holder.roles().toArray(String[]::new),
        now.toString());
  }

  private static String hash(String token) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
