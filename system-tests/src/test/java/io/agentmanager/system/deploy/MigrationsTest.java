package io.agentmanager.system.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** Migrations run while replicas of the release before still work on the schema. */
class MigrationsTest {
  /** The first of the numbers that all services share. */
  private static final int SHARED = 200;

  /** It took the place of a table that no release has known. */
  private static final String BEFORE_ANY_RELEASE = "V2__managed_tokens.sql";

  private static final Pattern NUMBER = Pattern.compile("V(\\d+)__");

  /** What takes something away from those who know the schema as it was. */
  private static final Pattern CONTRACTS =
      Pattern.compile(
          "\\bDROP\\s+(?!INDEX\\b)|\\bRENAME\\b|\\bTRUNCATE\\b|\\bDELETE\\s+FROM\\b|\\bSET\\s+NOT\\s+NULL"
              + "|\\bALTER\\s+(COLUMN\\s+)?\\w+\\s+(SET\\s+DATA\\s+)?TYPE\\b|\\bADD\\s+(CONSTRAINT|UNIQUE|CHECK|PRIMARY|FOREIGN|EXCLUDE)\\b"
              + "|\\bADD\\s+(COLUMN\\s+)?\\w+\\s+[^,;]*NOT\\s+NULL(?![^,;]*DEFAULT)",
          Pattern.CASE_INSENSITIVE);

  private static List<Resource> migrations() throws IOException {
    return List.of(
        new PathMatchingResourcePatternResolver().getResources("classpath*:db/*/V*.sql"));
  }

  private static int number(Resource migration) {
    Matcher number = NUMBER.matcher(String.valueOf(migration.getFilename()));
    assertThat(number.find()).as("%s has a number", migration).isTrue();
    return Integer.parseInt(number.group(1));
  }

  private static Stream<String> statements(Resource migration) {
    try {
      String text = migration.getContentAsString(StandardCharsets.UTF_8);
      return Stream.of(text.replaceAll("--[^\n]*", "").split(";"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void migrationsOnlyExpand() throws IOException {
    assertThat(migrations()).hasSizeGreaterThan(10);
    assertThat(
            migrations().stream()
                .filter(migration -> !BEFORE_ANY_RELEASE.equals(migration.getFilename()))
                .flatMap(MigrationsTest::statements))
        .noneMatch(statement -> CONTRACTS.matcher(statement).find());
  }

  @Test
  void whatContractsIsFound() {
    for (String statement :
        List.of(
            "ALTER TABLE step DROP COLUMN position",
            "DROP TABLE step",
            "ALTER TABLE step RENAME COLUMN a TO b",
            "ALTER TABLE step ALTER COLUMN a TYPE text",
            "ALTER TABLE step ALTER a SET NOT NULL",
            "ALTER TABLE step DROP a",
            "ALTER TABLE step ADD UNIQUE (a)",
            "ALTER TABLE step ADD CHECK (a > 0)",
            "ALTER TABLE step ADD FOREIGN KEY (a) REFERENCES b",
            "ALTER TABLE step ALTER a DROP DEFAULT",
            "ALTER TABLE step ADD a text NOT NULL",
            "ALTER TABLE step ADD CONSTRAINT a CHECK (b > 0)",
            "DELETE FROM step",
            "ALTER TABLE step ADD COLUMN a text NOT NULL")) {
      assertThat(CONTRACTS.matcher(statement).find()).as(statement).isTrue();
    }
    for (String statement :
        List.of(
            "ALTER TABLE step ADD COLUMN a text",
            "ALTER TABLE step ADD COLUMN a boolean NOT NULL DEFAULT false",
            "DROP INDEX step_claimable")) {
      assertThat(CONTRACTS.matcher(statement).find()).as(statement).isFalse();
    }
  }

  /** A number that one service gave and another takes later would be missing to the first. */
  @Test
  void sharedNumbersAreGivenOnce() throws IOException {
    Map<Integer, List<Resource>> shared =
        migrations().stream()
            .filter(migration -> number(migration) >= SHARED)
            .collect(
                Collectors.groupingBy(MigrationsTest::number, TreeMap::new, Collectors.toList()));
    assertThat(shared).isNotEmpty().allSatisfy((number, files) -> assertThat(files).hasSize(1));
    assertThat(shared.keySet()).contains(SHARED);
  }
}
