package io.agentmanager.database;

import io.agentmanager.contracts.id.TenantId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.SqlTypeValue;
import org.springframework.jdbc.core.StatementCreatorUtils;

/**
 * Queries that see the rows of one tenant and nothing else, whatever they forget: they run as a
 * role that row-level security applies to, which may write nothing, with the tenant set for their
 * transaction alone.
 */
public final class TenantReads {
  /** The setting that the policies of {@code row-security.sql} compare with. */
  private static final String SET_TENANT = "SELECT set_config('agentmanager.tenant', ?, true)";

  private final JdbcTemplate jdbc;

  /**
   * Reads as the tenants' role.
   *
   * @param tenants connections that do not commit by themselves
   */
  TenantReads(DataSource tenants) {
    this.jdbc = new JdbcTemplate(tenants);
  }

  /**
   * The rows that the tenant may see of what a query finds.
   *
   * @throws org.springframework.dao.DataAccessException when it fails, or tries to write
   */
  public <T> List<T> query(
      TenantId tenant, String sql, RowMapper<T> rows, @Nullable Object... parameters) {
    List<T> found =
        jdbc.execute(
            (Connection connection) -> {
              setTenant(connection, tenant);
              List<T> read = read(connection, sql, rows, parameters);
              connection.commit();
              return read;
            });
    return found == null ? List.of() : found;
  }

  /** The first row of {@link #query}, if there is one. */
  public <T> Optional<T> first(
      TenantId tenant, String sql, RowMapper<T> row, @Nullable Object... parameters) {
    return query(tenant, sql, row, parameters).stream().findFirst();
  }

  /** Whether a query finds anything. */
  public boolean any(TenantId tenant, String sql, @Nullable Object... parameters) {
    return !query(tenant, sql, (row, n) -> n, parameters).isEmpty();
  }

  private static void setTenant(Connection connection, TenantId tenant) throws SQLException {
    try (PreparedStatement set = connection.prepareStatement(SET_TENANT)) {
      set.setString(1, tenant.value());
      set.execute();
    }
  }

  private static <T> List<T> read(
      Connection connection, String sql, RowMapper<T> rows, @Nullable Object[] parameters)
      throws SQLException {
    List<T> read = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        StatementCreatorUtils.setParameterValue(
            query, i + 1, SqlTypeValue.TYPE_UNKNOWN, parameters[i]);
      }
      try (ResultSet found = query.executeQuery()) {
        while (found.next()) {
          read.add(rows.mapRow(found, read.size()));
        }
      }
    }
    return read;
  }
}
