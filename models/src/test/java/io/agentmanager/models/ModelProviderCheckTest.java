package io.agentmanager.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Providers that are asked for their models, played by a server that speaks their protocols. */
class ModelProviderCheckTest {
  private static final String KEY = "sk-right";
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void serve(String path, String header, String secret, String body) {
    server.createContext(
        path,
        exchange -> {
          boolean known = secret.equals(exchange.getRequestHeaders().getFirst(header));
          byte[] answer =
              (known ? body : "{\"error\": {\"message\": \"Incorrect API key provided\"}}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(known ? 200 : 401, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
  }

  private ModelSettings settings(String provider, String keyName, String key, String model) {
    String path = provider.equals("ollama") ? "" : "/v1";
    return ModelSettings.from(
        Map.of(
                "LLM_PROVIDER",
                provider,
                "LLM_MODEL",
                model,
                "LLM_BASE_URL",
                "http://127.0.0.1:" + server.getAddress().getPort() + path,
                keyName,
                key)
            ::get);
  }

  private ModelProviderCheck openAi(String key, String model) {
    return ModelProviderCheck.look(settings("openai", "OPENAI_API_KEY", key, model));
  }

  private void serveOpenAi() {
    serve(
        "/v1/models",
        "Authorization",
        "Bearer " + KEY,
        """
        {"object": "list", "data": [
          {"id": "gpt-4o-mini", "object": "model", "created": 1, "owned_by": "openai"}]}
        """);
  }

  @Test
  void aProviderThatTakesTheKeyAndHasTheModelIsWell() {
    serveOpenAi();
    assertThat(openAi(KEY, "gpt-4o-mini"))
        .isEqualTo(new ModelProviderCheck("OPENAI answers, and has gpt-4o-mini", true));
  }

  @Test
  void aModelThatIsNotListedIsToldOf() {
    serveOpenAi();
    assertThat(openAi(KEY, "gpt-9"))
        .isEqualTo(new ModelProviderCheck("OPENAI answers, and does not list gpt-9", false));
  }

  @Test
  void aRefusedKeyFails() {
    serveOpenAi();
    assertThatThrownBy(() -> openAi("sk-wrong", "gpt-4o-mini")).hasMessageContaining("API key");
  }

  @Test
  void aServerOfOnesOwnWithoutAListIsWell() {
    assertThat(openAi(KEY, "mine").hasModel()).isTrue();
  }

  @Test
  void aProviderThatIsAwayFails() {
    ModelSettings settings = settings("openai", "OPENAI_API_KEY", KEY, "gpt-4o-mini");
    server.stop(0);
    assertThatThrownBy(() -> ModelProviderCheck.look(settings)).isNotNull();
  }

  @Test
  void anthropicIsAskedWithItsOwnHeader() {
    serve(
        "/v1/models",
        "x-api-key",
        KEY,
        """
        {"data": [{"type": "model", "id": "claude-sonnet-4-5-20250929",
          "display_name": "Claude", "created_at": "2025-09-29T00:00:00Z"}], "has_more": false}
        """);
    assertThat(
            ModelProviderCheck.look(
                settings("anthropic", "ANTHROPIC_API_KEY", KEY, "claude-sonnet-4-5")))
        .isEqualTo(new ModelProviderCheck("ANTHROPIC takes the key", true));
    assertThatThrownBy(
            () ->
                ModelProviderCheck.look(
                    settings("anthropic", "ANTHROPIC_API_KEY", "no", "claude-sonnet-4-5")))
        .hasMessageContaining("API key");
  }

  @Test
  void ollamaHasWhatWasPulled() {
    server.createContext(
        "/api/tags",
        exchange -> {
          byte[] answer =
              "{\"models\": [{\"name\": \"llama3.1:latest\"}]}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    assertThat(ModelProviderCheck.look(settings("ollama", "X", "", "llama3.1")).hasModel())
        .isTrue();
    assertThat(ModelProviderCheck.look(settings("ollama", "X", "", "qwen3")).hasModel()).isFalse();
  }
}
