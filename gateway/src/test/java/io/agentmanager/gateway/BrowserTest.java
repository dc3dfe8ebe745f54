package io.agentmanager.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.gateway.route.CorsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page in a browser may do with the gateway. */
class BrowserTest {
  private static final String CONSOLE = "https://console.example";
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = RunningGateway.start(1, "agentmanager.gateway.cors.allowed-origins=" + CONSOLE);
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
  }

  private static RunningGateway.Answer preflight(String origin, String method) {
    return gateway.call(
        0,
        "",
        "OPTIONS",
        "/v1/tasks",
        null,
        "Origin",
        origin,
        "Access-Control-Request-Method",
        method,
        "Access-Control-Request-Headers",
        "authorization,content-type");
  }

  @Test
  void aPageOfAnAllowedOriginMayCallWithoutCookies() {
    RunningGateway.Answer answer = preflight(CONSOLE, "POST");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue(CONSOLE);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
    RunningGateway.Answer call =
        gateway.call(
            0, RunningGateway.ADMINISTRATOR, "GET", "/v1/workflows", null, "Origin", CONSOLE);
    assertThat(call.status()).isEqualTo(200);
    assertThat(call.headers().firstValue("Access-Control-Allow-Origin")).hasValue(CONSOLE);
    assertThat(call.headers().firstValue("Access-Control-Expose-Headers").orElseThrow())
        .contains("X-Request-Id", "Retry-After");
  }

  @Test
  void aPageOfAnotherOriginMayNot() {
    for (String origin : List.of("https://evil.example", "null", "https://console.example.evil")) {
      RunningGateway.Answer answer = preflight(origin, "POST");
      assertThat(answer.status()).as(origin).isEqualTo(403);
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }
    assertThat(preflight(CONSOLE, "PATCH").status()).isEqualTo(403);
  }

  @Test
  void answersAreNeverPages() {
    var headers = gateway.call(RunningGateway.ADMINISTRATOR, "GET", "/v1/workflows").headers();
    assertThat(headers.allValues("Content-Security-Policy"))
        .containsExactly("default-src 'none'; frame-ancestors 'none'");
    assertThat(headers.allValues("X-Content-Type-Options")).containsExactly("nosniff");
    assertThat(headers.allValues("X-Frame-Options")).containsExactly("DENY");
    assertThat(headers.allValues("Referrer-Policy")).containsExactly("no-referrer");
  }

  @ParameterizedTest
  @CsvSource({"/,text/html", "/status.js,text/javascript", "/status.css,text/css"})
  void theStatusPageNeedsNoTokenAndMayLoadNothingOfOthers(String path, String type)
      throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
    assertThat(answer.headers().allValues("Content-Security-Policy"))
        .singleElement()
        .asString()
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
    assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-cache");
    assertThat(answer.body()).doesNotContain("http://", "https://", "innerHTML =", "style=");
  }

  /** A field that is renamed would leave a hole in the page, and no other test would see it. */
  @Test
  void theStatusPageNamesFieldsThatAreServed() throws Exception {
    String script = resource("/status/status.js");
    String document = resource("/io/agentmanager/contracts/openapi.json");
    List<String> fields =
        Pattern.compile(
                "\\b(?:overview|steps|one|step|workflow|progress|usage)\\.([a-z_]+)\\b(?!\\()")
            .matcher(script)
            .results()
            .map(found -> found.group(1))
            .distinct()
            .toList();
    assertThat(fields).hasSizeGreaterThan(20).contains("last_event_at", "oldest_ready_at");
    assertThat(fields).allSatisfy(field -> assertThat(document).contains("\"" + field + "\""));
  }

  private static String resource(String name) throws IOException {
    try (InputStream file = BrowserTest.class.getResourceAsStream(name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"*", "https://a.example/path", "a.example", "https://u@a.example", "file:///"})
  void whatIsNoOriginIsRefused(String origin) {
    assertThatThrownBy(() -> new CorsSettings(List.of(origin)))
        .hasMessageContaining("allowed-origins");
  }
}
