package io.agentmanager.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.SqlTypeValue;
import org.springframework.jdbc.core.StatementCreatorUtils;

/**
 * Statements that go to the database together and cost one round trip (PostgreSQL's extended query
 * protocol with one Sync for all). They run in the order in which they were added, each with a
 * snapshot of its own. Where one fails, none after it runs.
 *
 * <p>The server answers while later statements are still being sent, and nobody reads yet. So that
 * neither side waits for the other for ever, what follows a query in one trip stays small enough
 * for the buffers in between; what is larger takes a trip of its own.
 */
public final class Pipeline {
  /** What any connection takes in while nobody reads. The driver trusts in 64,000. */
  private static final int MOST_AFTER_A_QUERY = 16_000;

  private static final int LARGEST_CHARACTER = 3;
  private static final int LARGEST_NUMBER = 24;

  private final JdbcTemplate jdbc;
  private final List<Statement> added = new ArrayList<>();

  /** Runs on the database behind the template, in whatever transaction is open there. */
  public Pipeline(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  private record Statement(
      String sql, @Nullable RowCallbackHandler rows, List<Object> parameters) {}

  /** Adds a statement that returns no rows. */
  public void update(String sql, Object... parameters) {
    added.add(new Statement(sql, null, List.of(parameters)));
  }

  /** Adds a statement whose rows go to the handler when it runs. */
  public void query(String sql, RowCallbackHandler rows, Object... parameters) {
    added.add(new Statement(sql, rows, List.of(parameters)));
  }

  /**
   * Runs what was added since the last time, if anything was.
   *
   * @throws org.springframework.dao.DataAccessException when a statement fails
   */
  public void flush() {
    if (added.isEmpty()) {
      return;
    }
    List<Statement> statements = List.copyOf(added);
    added.clear();
    int from = 0;
    while (from < statements.size()) {
      int to = endOfTrip(statements, from);
      List<Statement> trip = statements.subList(from, to);
      jdbc.execute(
          trip.stream().map(Statement::sql).collect(Collectors.joining(";\n")),
          (PreparedStatement all) -> run(trip, all));
      from = to;
    }
  }

  private static int endOfTrip(List<Statement> statements, int from) {
    boolean asked = false;
    long after = 0;
    for (int i = from; i < statements.size(); i++) {
      after += asked ? size(statements.get(i)) : 0;
      if (after > MOST_AFTER_A_QUERY) {
        return i;
      }
      asked |= statements.get(i).rows() != null;
    }
    return statements.size();
  }

  /** At most so many bytes on the wire. */
  private static long size(Statement statement) {
    return statement.sql().length()
        + statement.parameters().stream().mapToLong(Pipeline::size).sum();
  }

  private static long size(@Nullable Object parameter) {
    return switch (parameter) {
      case String text -> (long) LARGEST_CHARACTER * text.length();
      case Object[] values -> Arrays.stream(values).mapToLong(v -> LARGEST_NUMBER + size(v)).sum();
      case long[] values -> (long) LARGEST_NUMBER * values.length;
      case int[] values -> (long) LARGEST_NUMBER * values.length;
      case double[] values -> (long) LARGEST_NUMBER * values.length;
      case null, default -> LARGEST_NUMBER;
    };
  }

  private static boolean run(List<Statement> statements, PreparedStatement all)
      throws SQLException {
    int index = 0;
    for (Statement statement : statements) {
      for (Object parameter : statement.parameters()) {
        index++;
        StatementCreatorUtils.setParameterValue(all, index, SqlTypeValue.TYPE_UNKNOWN, parameter);
      }
    }
    all.execute();
    for (Statement statement : statements) {
      if (statement.rows() != null) {
        try (ResultSet rows = all.getResultSet()) {
          while (rows.next()) {
            statement.rows().processRow(rows);
          }
        }
      }
      all.getMoreResults();
    }
    return true;
  }
}
