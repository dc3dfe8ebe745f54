package io.agentmanager.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.models.Price;
import io.agentmanager.models.provider.ModelProvider;
import io.agentmanager.models.provider.ModelSettings;
import io.agentmanager.worker.ConfigFile;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.AgentLimits;
import io.agentmanager.worker.mcp.McpServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentSettingsTest {
  @TempDir private Path folder;

  @Test
  void everyKeyIsRead() throws IOException {
    AgentSettings settings =
        read(
            """
            {"model": {"provider": "openai", "name": "mine", "base_url": "http://localhost:1/v1",
                       "api_key": "${KEY}", "max_tokens": 77, "timeout": "PT5S",
                       "input_price": 1.5, "output_price": 2.5, "text_protocol": true,
                       "streaming": true},
             "instructions": {"writer": "Be brief."},
             "limits": {"context_tokens": 5000, "observation_characters": 900, "repairs": 1,
                        "same_action": 4},
             "fetch_allowed_hosts": ["example.org"],
             "commands": {"allowed": ["git log"], "timeout": "PT3S", "max_output_bytes": 10},
             "mcp_servers": {
               "files": {"command": ["mcp-files"], "env": {"A": "b"}, "allowed_tools": ["read"],
                         "repeatable_tools": ["read"], "approved_tools": ["write"],
                         "file_arguments": {"write": {"path": "write"}}, "timeout": "PT4S"},
               "web": {"url": "http://localhost:2/mcp", "headers": {"Authorization": "Bearer x"}}},
             "not_repeatable": ["send"], "need_approval": ["pay"]}
            """);
    ModelSettings model = settings.model(name -> null);
    assertThat(model.provider()).isEqualTo(ModelProvider.OPENAI);
    assertThat(model.model()).isEqualTo("mine");
    assertThat(model.apiKey()).isEqualTo("s3cret");
    assertThat(model.maxTokens()).isEqualTo(77);
    assertThat(model.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(model.prices()).containsEntry("mine", new Price(1.5, 2.5));
    assertThat(settings.isTextual()).isTrue();
    assertThat(settings.isStreaming()).isTrue();
    assertThat(settings.instructions("writer")).isEqualTo("Be brief.");
    assertThat(settings.instructions("other")).isEmpty();
    assertThat(settings.agentLimits()).isEqualTo(new AgentLimits(5_000, 900, 1, 4));
    assertThat(settings.hosts()).containsExactly("example.org");
    assertThat(settings.commands())
        .isEqualTo(new AgentSettings.Commands(List.of("git log"), Duration.ofSeconds(3), 10));
    assertThat(settings.servers())
        .containsEntry(
            "files",
            new McpServerConfig(
                List.of("mcp-files"),
                Map.of("A", "b"),
                null,
                null,
                List.of("read"),
                List.of("read"),
                List.of("write"),
                Map.of("write", Map.of("path", AccessType.WRITE)),
                Duration.ofSeconds(4)));
    assertThat(settings.servers().get("web").url()).isEqualTo(URI.create("http://localhost:2/mcp"));
    assertThat(settings.notRepeated()).containsExactly("send");
    assertThat(settings.approved()).containsExactly("pay");
    assertThat(settings.toString()).doesNotContain("s3cret").doesNotContain("Bearer");
  }

  @Test
  void whatIsAbsentIsOffOrAsTheEnvironmentSays() throws IOException {
    AgentSettings settings = read("{}");
    assertThat(settings.model(Map.of("LLM_PROVIDER", "ollama")::get).provider())
        .isEqualTo(ModelProvider.OLLAMA);
    assertThat(settings.agentLimits()).isEqualTo(AgentLimits.defaults());
    assertThat(settings.hosts()).isEmpty();
    assertThat(settings.commands()).isNull();
    assertThat(settings.servers()).isEmpty();
    assertThat(settings.isTextual()).isFalse();
    AgentSettings half = read("{\"model\": {\"name\": \"x\"}}");
    assertThatThrownBy(() -> half.model(name -> null)).hasMessageContaining("model.provider");
  }

  @Test
  void aServerThatCannotBeUsedIsToldWhenTheWorkerStarts() throws IOException {
    Path file =
        write(
            """
            {"client_agent_id": "w", "server_url": "http://localhost:1", "auth_token": "t",
             "agent_capabilities": ["a"], "workspace": "%s", "mcp_servers": {"bad": {}}}
            """
                .formatted(folder));
    ConfigFile config = ConfigFile.read(file);
    assertThatThrownBy(
            () ->
                AgentWorker.start(WorkerConfig.of(config), AgentSettings.of(config), name -> null))
        .hasMessageContaining("mcp_servers.bad needs either a command or a url");
  }

  private AgentSettings read(String json) throws IOException {
    return AgentSettings.of(ConfigFile.read(write(json), Map.of("KEY", "s3cret")::get));
  }

  private Path write(String json) throws IOException {
    return Files.writeString(folder.resolve("config-" + System.nanoTime() + ".json"), json);
  }
}
