package io.agentmanager.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The first line that a worker's own process logs. */
class WorkerLoggingTest {
  @TempDir private Path folder;

  private String firstLine(@Nullable String format) throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        """
        {"client_agent_id": "w", "server_url": "http://127.0.0.1:1", "auth_token": "none",
         "agent_capabilities": ["writer"], "workspace": "%s"}
        """
            .formatted(folder));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                WorkerCommand.class.getName(),
                "--config",
                config.toString())
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("LLM_"));
    builder.environment().keySet().removeAll(List.of("OPENAI_API_KEY", "ANTHROPIC_API_KEY"));
    if (format != null) {
      builder.environment().put("LOGGING_STRUCTURED_FORMAT_CONSOLE", format);
    }
    Process process = builder.start();
    try (BufferedReader lines = process.inputReader()) {
      return String.valueOf(lines.readLine());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aLineForPeopleIsATimeALevelAndWhatHappened() throws IOException {
    assertThat(firstLine(null)).matches("[0-9:.]+ INFO  w thinks with rules");
  }

  @Test
  void aLineForMachinesIsOfTheElasticCommonSchema() throws IOException {
    JsonNode line = WireJson.mapper().readTree(firstLine("ecs"));
    assertThat(line.path("message").asString()).isEqualTo("w thinks with rules");
    assertThat(line.path("log.level").asString()).isEqualTo("INFO");
    assertThat(line.path("service.name").asString()).isEqualTo("worker");
    assertThat(line.path("ecs.version").asString()).isNotEmpty();
  }
}
