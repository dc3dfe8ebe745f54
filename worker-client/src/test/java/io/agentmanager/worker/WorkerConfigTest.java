package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerConfigTest {
  @TempDir private Path folder;

  @Test
  void theSixKeysAndTheEnvironmentAreRead() throws Exception {
    WorkerConfig config =
        read(
            """
            {"client_agent_id": "worker_001", "server_url": "http://localhost:8080",
             "auth_token": "${TOKEN}", "polling_interval_sec": 7, "max_parallel_tasks": 3,
             "agent_capabilities": ["researcher", "writer"], "a_newer_key": true}
            """);
    assertThat(config.authToken()).isEqualTo("s3\"cret");
    assertThat(config.parallel()).isEqualTo(3);
    assertThat(config.pollSec()).isEqualTo(7);
    assertThat(config.agentCapabilities()).containsExactly("researcher", "writer");
    assertThat(config.toString()).doesNotContain("cret");
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> read("{}"))
        .hasMessageContaining("client_agent_id")
        .hasMessageContaining("server_url")
        .hasMessageContaining("auth_token")
        .hasMessageContaining("agent_capabilities");
    assertThatThrownBy(() -> read("{\"auth_token\": \"${MISSING}\"}"))
        .hasMessageContaining("MISSING is not set");
    assertThatThrownBy(() -> read("{")).hasMessageContaining("is not valid");
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"client_agent_id": "w", "server_url": "htp://host", "auth_token": "a\\nb",
                     "agent_capabilities": ["x", "x"]}
                    """))
        .hasMessageContaining("server_url is no http or https URL")
        .hasMessageContaining("auth_token holds characters that no token has")
        .hasMessageContaining("agent_capabilities names one twice")
        .message()
        .doesNotContain("a\nb");
    assertThatThrownBy(() -> WorkerConfig.read(folder.resolve("none.json")))
        .hasMessageContaining("cannot read");
  }

  @Test
  void theLineBreakAtTheEndOfAMountedSecretIsNoPartOfTheToken() {
    WorkerConfig config =
        WorkerConfig.of("w", URI.create("http://localhost:1"), "t0ken\n", 1, List.of("a"));
    assertThat(config.authToken()).isEqualTo("t0ken");
  }

  @Test
  void aCapabilityWithoutAHandlerIsToldAtTheStart() throws Exception {
    WorkerConfig config =
        read(
            """
            {"client_agent_id": "w", "server_url": "http://localhost:1", "auth_token": "t",
             "agent_capabilities": ["a", "b"]}
            """);
    assertThatThrownBy(
            () -> Worker.builder(config).handler("a", s -> Outcome.completed("x")).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[b]");
  }

  private WorkerConfig read(String json) throws Exception {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    return WorkerConfig.of(ConfigFile.read(file, Map.of("TOKEN", "s3\"cret")::get));
  }
}
