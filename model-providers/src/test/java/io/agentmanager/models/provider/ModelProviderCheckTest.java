package io.agentmanager.models.provider;

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

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  @Test
  void aProviderThatTakesTheKeyAndHasTheModelIsWell() {
    serveOpenAi();
    assertThat(openAi(KEY, "gpt-4o-mini"))
        .isEqualTo(
            new ModelProviderCheck(
                "OPENAI at " + url("/v1") + " answers, and has gpt-4o-mini", true));
  }

  @Test
  void aModelThatIsNotListedIsToldOfHoweverItsNameBegins() {
    serveOpenAi();
    assertThat(openAi(KEY, "gpt-4o").detail()).endsWith("does not list gpt-4o");
    assertThat(openAi(KEY, "gpt-4o").isSure()).isFalse();
  }

  @Test
  void aRefusedKeyFailsAndNoWordOfItIsPassedOn() {
    serveOpenAi();
    assertThatThrownBy(() -> openAi("sk-wrong", "gpt-4o-mini"))
        .hasMessage("OPENAI at " + url("/v1") + " refuses the key (401)")
        .hasNoCause();
  }

  @Test
  void aKeyThatCameWithALineBreakIsTakenWithoutIt() {
    serveOpenAi();
    assertThat(openAi(KEY + "\n", "gpt-4o-mini").isSure()).isTrue();
    assertThatThrownBy(() -> openAi("sk-\nwrong", "gpt-4o-mini"))
        .hasMessageNotContaining("sk-")
        .hasNoCause();
  }

  @Test
  void aServerWithoutAListIsADoubtSinceItsUrlMayBeWrong() {
    ModelProviderCheck seen = openAi(KEY, "mine");
    assertThat(seen.isSure()).isFalse();
    assertThat(seen.detail()).contains("404", "/v1");
  }

  @Test
  void aProviderThatIsAwayIsNamed() {
    ModelSettings settings = settings("openai", "OPENAI_API_KEY", KEY, "gpt-4o-mini");
    String url = url("/v1");
    server.stop(0);
    assertThatThrownBy(() -> ModelProviderCheck.look(settings))
        .hasMessageStartingWith("OPENAI at " + url + " cannot be reached: ");
  }

  @Test
  void anthropicIsAskedWithItsOwnHeaderAndListsAPageAlone() {
    serve(
        "/v1/models",
        "x-api-key",
        KEY,
        """
        {"data": [{"type": "model", "id": "claude-sonnet-4-5-20250929",
          "display_name": "Claude", "created_at": "2025-09-29T00:00:00Z"}], "has_more": false}
        """);
    assertThat(anthropic(KEY, "claude-sonnet-4-5").detail()).endsWith("has claude-sonnet-4-5");
    assertThat(anthropic(KEY, "claude-2").detail()).endsWith("does not list claude-2");
    assertThat(anthropic(KEY, "claude-2").isSure()).isTrue();
    assertThatThrownBy(() -> anthropic("no", "claude-sonnet-4-5"))
        .hasMessageContaining("refuses the key");
  }

  private ModelProviderCheck anthropic(String key, String model) {
    return ModelProviderCheck.look(settings("anthropic", "ANTHROPIC_API_KEY", key, model));
  }

  @Test
  void ollamaHasWhatWasPulledAndNothingBefore() {
    String[] models = {"{\"models\": []}"};
    server.createContext(
        "/api/tags",
        exchange -> {
          byte[] answer = models[0].getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    assertThat(ollama("llama3.1").isSure()).isFalse();
    models[0] = "{\"models\": [{\"name\": \"llama3.1:latest\"}]}";
    assertThat(ollama("llama3.1").isSure()).isTrue();
    assertThat(ollama("llama3").isSure()).isFalse();
  }

  private ModelProviderCheck ollama(String model) {
    return ModelProviderCheck.look(settings("ollama", "UNUSED", "", model));
  }
}
