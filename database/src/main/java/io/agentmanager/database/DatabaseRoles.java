package io.agentmanager.database;

import io.agentmanager.database.RoleSettings.Login;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLState;

/**
 * Makes sure, after each migration, of the two roles that the service works as, and of the wall
 * between tenants: every table with a {@code tenant_id} has row-level security, and a table that a
 * migration adds cannot be forgotten.
 */
final class DatabaseRoles {
  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
  private static final String LOCK =
      "SELECT pg_advisory_xact_lock(hashtext('agentmanager.database.roles'))";
  private static final String FIND =
      """
      SELECT rolsuper OR rolbypassrls OR pg_has_role(oid, current_user::regrole, 'MEMBER'),
             rolcanlogin, pg_has_role(oid, ?::regrole, 'MEMBER')
      FROM pg_roles WHERE rolname = ?
      """;
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String EXISTS = "SELECT 1 FROM pg_roles WHERE rolname = ?";

  private final DataSource owner;
  private final String url;
  private final Login engine;
  private final Login tenant;

  DatabaseRoles(DataSource owner, String url, Login engine, Login tenant) {
    this.owner = owner;
    this.url = url;
    this.engine = engine;
    this.tenant = tenant;
    if (engine.user().equals(tenant.user())) {
      throw new IllegalArgumentException("the engine and the tenants' reads need a role each");
    }
  }

  /**
   * Makes roles, grants and policies where they are missing.
   *
   * @throws IllegalStateException when a role could see past the wall
   */
  void ensure() {
    try (Connection connection = owner.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement lock = connection.createStatement()) {
        lock.execute(LOCK);
      }
      for (Login login : List.of(engine, tenant)) {
        make(connection, login);
        check(connection, login);
      }
      raiseWall(connection);
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The roles of the database could not be made sure of: %s. Its owner needs CREATEROLE, or make %s and %s yourself, each with LOGIN and its password."
              .formatted(e.getMessage(), engine.user(), tenant.user()),
          e);
    }
  }

  private void make(Connection connection, Login login) throws SQLException {
    if (!exists(connection, login.user())) {
      try (Statement create = connection.createStatement()) {
        create.execute(
            "CREATE ROLE %s LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT"
                .formatted(quoted(login.user())));
      }
      setPassword(connection, login);
    } else if (!isPasswordOf(login)) {
      setPassword(connection, login);
    }
  }

  private static boolean exists(Connection connection, String role) throws SQLException {
    try (PreparedStatement find = connection.prepareStatement(EXISTS)) {
      find.setString(1, role);
      try (ResultSet row = find.executeQuery()) {
        return row.next();
      }
    }
  }

  /** What reaches the server is a verifier; a password would stand in its log. */
  private static void setPassword(Connection connection, Login login) throws SQLException {
    connection
        .unwrap(PGConnection.class)
        .alterUserPassword(login.user(), login.password().toCharArray(), null);
  }

  private boolean isPasswordOf(Login login) throws SQLException {
    Properties as = new Properties();
    as.setProperty("user", login.user());
    as.setProperty("password", login.password());
    try (Connection tried = DriverManager.getConnection(url, as)) {
      return tried.isValid(1);
    } catch (SQLException e) {
      // Asked after the password: the role may not connect yet, to a database that was made anew.
      if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        return true;
      }
      if ("28P01".equals(e.getSQLState())
          || PSQLState.INVALID_AUTHORIZATION_SPECIFICATION.getState().equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private void check(Connection connection, Login login) throws SQLException {
    try (PreparedStatement find = connection.prepareStatement(FIND)) {
      find.setString(1, engine.user());
      find.setString(2, login.user());
      try (ResultSet row = find.executeQuery()) {
        if (!row.next() || !row.getBoolean(2)) {
          throw new IllegalStateException("the role " + login.user() + " cannot log in");
        }
        if (row.getBoolean(1)) {
          throw new IllegalStateException(
              "the role " + login.user() + " could pass row-level security by");
        }
        if (login == tenant && row.getBoolean(3)) {
          throw new IllegalStateException(
              "the role " + login.user() + " may become " + engine.user());
        }
      }
    }
  }

  private void raiseWall(Connection connection) throws SQLException {
    String script =
        resource("row-security.sql")
            .replace("${engine}", quoted(engine.user()))
            .replace("${tenant}", quoted(tenant.user()));
    try (Statement statement = connection.createStatement()) {
      statement.execute(script);
    }
  }

  private static String quoted(String role) {
    if (!NAME.matcher(role).matches()) {
      throw new IllegalArgumentException("a role's name is [a-z_][a-z0-9_]*, not: " + role);
    }
    return role;
  }

  private static String resource(String name) {
    try (InputStream in = DatabaseRoles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("there is no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
