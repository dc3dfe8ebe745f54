package io.agentmanager.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether what was measured is safe on disk: the settings as they are within the engine's own
 * transactions, noted down by a trigger, and how many flushes of the log there were for a commit.
 */
final class Durability {
  /** Where its figures stand. */
  static final String NAME = "durability";

  private static final String WATCH =
      """
      CREATE TABLE bench_setting (name text, value text);
      GRANT INSERT ON bench_setting TO PUBLIC;
      CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO bench_setting
        SELECT name, current_setting(name)
        FROM unnest(ARRAY['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method'])
          AS s (name);
        RETURN NULL;
      END $$;
      CREATE TRIGGER bench_note AFTER INSERT ON step_result
        FOR EACH STATEMENT EXECUTE FUNCTION bench_note();
      """;
  private static final String FORGET =
      "DROP TRIGGER IF EXISTS bench_note ON step_result; DROP FUNCTION IF EXISTS bench_note;";
  private static final String COUNTS =
      """
      SELECT (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'),
             (SELECT sum(xact_commit) FROM pg_stat_database)
      """;
  private final Bench bench;
  private long flushes;
  private long commits;

  Durability(Bench bench) {
    this.bench = bench;
  }

  /** Runs something, and notes the settings within the engine's transactions meanwhile. */
  Map<String, String> settingsDuring(Scenario.Measurement run) throws Exception {
    try (Connection connection = bench.connect("task");
        var statement = connection.createStatement()) {
      statement.execute(WATCH);
      try {
        run.run(bench, new Figures());
      } finally {
        statement.execute(FORGET);
      }
      Map<String, String> settings = new LinkedHashMap<>();
      try (var rows =
          statement.executeQuery(
              "SELECT name, string_agg(DISTINCT value, ', ') FROM bench_setting GROUP BY name")) {
        while (rows.next()) {
          settings.put(rows.getString(1), rows.getString(2));
        }
      }
      statement.execute("DROP TABLE bench_setting");
      return settings;
    }
  }

  /** Begins to count. */
  void count() throws SQLException {
    long[] now = read();
    flushes = now[0];
    commits = now[1];
  }

  /** Flushes of the log and commits since the counting began. */
  void report(Figures figures) throws SQLException {
    long[] now = read();
    double all = Math.max(1, now[1] - commits);
    figures.add(NAME, "commits", now[1] - commits, "");
    figures.add(NAME, "log flushes", now[0] - flushes, "");
    figures.add(NAME, "log flushes per commit", (now[0] - flushes) / all, "");
  }

  private long[] read() throws SQLException {
    try (Connection connection = bench.connect("task");
        var statement = connection.createStatement();
        var rows = statement.executeQuery(COUNTS)) {
      rows.next();
      return new long[] {rows.getLong(1), rows.getLong(2)};
    }
  }
}
