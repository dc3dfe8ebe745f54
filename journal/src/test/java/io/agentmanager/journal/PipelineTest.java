package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class PipelineTest {
  @TempDir private static Path folder;
  private static EmbeddedPostgreSql postgres;
  private static JdbcTemplate jdbc;

  private final List<Integer> seen = new ArrayList<>();
  private final Pipeline pipeline = new Pipeline(jdbc);

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), FreePorts.next());
    jdbc = new JdbcTemplate(new DriverManagerDataSource(postgres.database("pipeline")));
    jdbc.execute("CREATE TABLE number (n int PRIMARY KEY)");
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
  }

  @BeforeEach
  void clear() {
    jdbc.update("DELETE FROM number");
  }

  @Test
  void eachStatementSeesWhatTheOnesBeforeItDid() {
    pipeline.update("INSERT INTO number SELECT unnest(?::int[])", (Object) new int[] {3, 1, 2});
    pipeline.query(
        "SELECT n FROM number WHERE n >= ? ORDER BY n", row -> seen.add(row.getInt(1)), 2);
    pipeline.update("DELETE FROM number WHERE n = ?", 2);
    pipeline.query("UPDATE number SET n = n + ? RETURNING n", row -> seen.add(row.getInt(1)), 10);
    pipeline.query("SELECT n FROM number WHERE n = ?", row -> seen.add(row.getInt(1)), 99);
    assertThat(seen).isEmpty();
    pipeline.flush();
    assertThat(seen).containsExactly(2, 3, 13, 11);
  }

  @Test
  void nothingRunsTwice() {
    pipeline.update("INSERT INTO number VALUES (?)", 7);
    pipeline.flush();
    pipeline.flush();
    assertThat(jdbc.queryForList("SELECT n FROM number", Integer.class)).containsExactly(7);
  }

  @Test
  void whereOneFailsAllOfThemAreUndone() {
    pipeline.update("INSERT INTO number VALUES (?)", 1);
    pipeline.update("INSERT INTO number VALUES (?)", 1);
    pipeline.update("INSERT INTO number VALUES (?)", 2);
    assertThatThrownBy(pipeline::flush).isInstanceOf(DataIntegrityViolationException.class);
    assertThat(jdbc.queryForList("SELECT n FROM number", Integer.class)).isEmpty();
  }

  /** More than any buffer between here and there holds, in both directions. */
  @Test
  void largeParametersAndLargeAnswersGoTogether() {
    String large = "x".repeat(4_000_000);
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      pipeline.query("SELECT ?::text", row -> lengths.add(row.getString(1).length()), large);
    }
    pipeline.flush();
    assertThat(lengths).hasSize(5).allMatch(length -> length == large.length());
  }
}
