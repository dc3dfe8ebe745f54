package io.agentmanager.system;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * What {@code pg_dump --data-only} keeps of a database: all rows as one moment saw them, and where
 * the sequences stood. It is put into a database that was migrated to the same version.
 */
final class DatabaseCopy {
  private static final String TABLES =
      """
      SELECT c.relname FROM pg_class AS c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname <> 'flyway_schema_history'
      ORDER BY c.relname
      """;
  private static final String SEQUENCES =
      "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'";
  private final Map<String, byte[]> tables = new LinkedHashMap<>();
  private final Map<String, Long> sequences = new LinkedHashMap<>();

  private DatabaseCopy() {}

  /** Takes the copy while others go on working. */
  static DatabaseCopy of(String url) throws SQLException, IOException {
    DatabaseCopy copy = new DatabaseCopy();
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      var rows = connection.unwrap(PGConnection.class).getCopyAPI();
      for (String table : tables(connection)) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        rows.copyOut("COPY " + table + " TO STDOUT", content);
        copy.tables.put(table, content.toByteArray());
      }
      try (Statement statement = connection.createStatement();
          ResultSet found = statement.executeQuery(SEQUENCES)) {
        while (found.next()) {
          copy.sequences.put(found.getString(1), found.getLong(2));
        }
      }
    }
    return copy;
  }

  /** Replaces all rows of a database by those of the copy. */
  void restore(String url) throws SQLException, IOException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SET session_replication_role = replica");
      statement.execute("TRUNCATE " + String.join(", ", tables(connection)));
      var rows = connection.unwrap(PGConnection.class).getCopyAPI();
      for (Map.Entry<String, byte[]> table : tables.entrySet()) {
        rows.copyIn(
            "COPY " + table.getKey() + " FROM STDIN", new ByteArrayInputStream(table.getValue()));
      }
      for (Map.Entry<String, Long> sequence : sequences.entrySet()) {
        if (sequence.getValue() > 0) {
          statement.execute(
              "SELECT setval('" + sequence.getKey() + "', " + sequence.getValue() + ")");
        }
      }
      connection.commit();
    }
  }

  private static List<String> tables(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(TABLES)) {
      while (found.next()) {
        names.add(found.getString(1));
      }
    }
    return names;
  }
}
