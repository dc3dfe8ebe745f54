package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.local.Am;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.cli.AgentSettings;
import io.agentmanager.worker.mcp.McpServerConfig;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the documents name is there. */
class DocumentationTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void theArchitecturePageNamesEveryModule() throws IOException {
    Set<String> modules = find(read("pom.xml"), "<module>([^<]+)</module>");
    assertThat(modules)
        .allSatisfy(m -> assertThat(read("ARCHITECTURE.md")).contains("`" + m + "`"));
  }

  @Test
  void everyLinkOfTheDocumentsLeadsSomewhere() throws IOException {
    for (String page :
        List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/workers.md")) {
      assertThat(find(read(page), "\\]\\(([^)#:]+)\\)"))
          .as(page)
          .allSatisfy(link -> assertThat(ROOT.resolve(link)).exists());
    }
  }

  @Test
  void theVersionsThatWorkersAreToldOfAreThoseOfTheBuild() throws IOException {
    String page = read("docs/workers.md");
    String build = read("pom.xml");
    Map.of(
            "LangChain4j ([\\d.]+\\d)", "<langchain4j.version>([^<]+)<",
            "Spring\\s+Boot ([\\d.]+\\d)", "<spring-boot.version>([^<]+)<",
            "<version>([^<]+)<", "<artifactId>agentmanager</artifactId>\\s+<version>([^<]+)<")
        .forEach((said, is) -> assertThat(find(page, said)).isEqualTo(find(build, is)).hasSize(1));
  }

  @Test
  void everyKeyOfAWorkersConfigurationFileIsExplained() throws IOException {
    String page = read("docs/workers.md");
    for (Class<?> part :
        List.of(
            WorkerConfig.class,
            WorkerConfig.Kafka.class,
            WorkerConfig.Oidc.class,
            AgentSettings.class,
            AgentSettings.Model.class,
            AgentSettings.Limits.class,
            AgentSettings.Commands.class,
            McpServerConfig.class)) {
      for (RecordComponent key : part.getRecordComponents()) {
        String name = key.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
        assertThat(page).as(part.getSimpleName()).containsPattern("[`\"]" + name + "[`\"]");
      }
    }
  }

  @Test
  void everyCommandOfTheDocumentsIsACommandOfTheLauncher() throws Exception {
    var constructor = Am.class.getDeclaredConstructor();
    constructor.setAccessible(true);
    Set<String> known =
        new TreeSet<>(new CommandLine(constructor.newInstance()).getSubcommands().keySet());
    // The script sends these to a module of their own.
    known.addAll(find(read("am"), "\"\\$\\{1:-}\" = (\\w+)"));
    for (String page : List.of("README.md", "docs/workers.md", "docs/operations.md")) {
      assertThat(known).as(page).containsAll(find(read(page), "\\./am ([a-z]\\w+)"));
    }
  }

  @Test
  void everySettingOfTheReadmeIsReadSomewhere() throws IOException {
    String sources = sources();
    for (String name : find(read("README.md"), "`([A-Z]{2,}_[A-Z_]+)`")) {
      if (!name.startsWith("AGENTMANAGER_")) {
        assertThat(sources).as(name).contains(name);
      }
    }
  }

  @Test
  void decisionsAreNumberedWithoutAGap() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("docs/adr"))) {
      List<String> numbers =
          files.map(f -> f.getFileName().toString().substring(0, 4)).sorted().toList();
      for (int i = 0; i < numbers.size(); i++) {
        assertThat(numbers.get(i)).isEqualTo("%04d".formatted(i + 1));
      }
    }
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  private static Set<String> find(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult m) -> m.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file :
          files
              .filter(f -> f.toString().matches(".*/src/main/.*\\.(java|yml)|.*/am"))
              .filter(f -> !f.toString().contains("/target/"))
              .toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }
}
