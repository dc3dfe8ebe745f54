package io.agentmanager.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The schema of this build, where another process migrates to it. */
final class AwaitedSchema {
  private static final Logger log = LoggerFactory.getLogger(AwaitedSchema.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Rights are given right after the migrations, in a transaction of their own. */
  private static final String NOT_GRANTED =
      """
      SELECT EXISTS (
        SELECT 1 FROM pg_class AS c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND c.relname <> 'flyway_schema_history' AND NOT has_table_privilege(c.oid, 'INSERT'))
      """;

  private final Flyway flyway;
  private final Duration patience;

  AwaitedSchema(Flyway flyway, Duration patience) {
    this.flyway = flyway;
    this.patience = patience;
  }

  /**
   * Returns when every migration of this build was made; newer ones do not matter.
   *
   * @throws IllegalStateException when that takes longer than the patience
   */
  void await() {
    long end = System.nanoTime() + patience.toNanos();
    String missing = missing();
    while (missing != null) {
      if (System.nanoTime() >= end) {
        throw new IllegalStateException(
            "The database is not at the schema of this build: "
                + missing
                + ". Run the job: migrate");
      }
      log.info("waiting for the schema: {}", missing);
      pause();
      missing = missing();
    }
  }

  private @Nullable String missing() {
    try {
      MigrationInfo[] pending = flyway.info().pending();
      if (pending.length > 0) {
        return "version " + pending[0].getVersion() + " is missing";
      }
      return isGranted() ? null : "its role may not work on every table yet";
    } catch (FlywayException | SQLException e) {
      return "it cannot be asked (" + e.getMessage() + ")";
    }
  }

  private boolean isGranted() throws SQLException {
    try (Connection connection = flyway.getConfiguration().getDataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(NOT_GRANTED)) {
      return row.next() && !row.getBoolean(1);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
