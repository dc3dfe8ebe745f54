package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker's tokens of a provider that really answers over HTTP, by a clock that the test sets. */
class CredentialsTest {
  private final List<String> forms = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final HttpClient http = HttpClient.newHttpClient();
  private HttpServer provider;
  private int status = 200;

  @BeforeEach
  void start() throws IOException {
    provider = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    provider.createContext("/token", this::answer);
    provider.start();
  }

  @AfterEach
  void stop() {
    provider.stop(0);
    http.close();
  }

  @Test
  void aTokenServesForFourFifthsOfItsLifeAndIsThenFetchedAnew() throws Exception {
    Credentials credentials = credentials();
    assertThat(credentials.token()).isEqualTo("token-1");
    pass(Duration.ofSeconds(79));
    assertThat(credentials.token()).isEqualTo("token-1");
    pass(Duration.ofSeconds(2));
    assertThat(credentials.token()).isEqualTo("token-1");
    assertThat(credentials.token()).isEqualTo("token-2");
    assertThat(forms.getFirst())
        .isEqualTo("grant_type=client_credentials&client_id=w%261&client_secret=s+%2B&scope=work");
  }

  @Test
  void theTokenBeforeServesAnOutageAsLongAsItIsGood() throws Exception {
    Credentials credentials = credentials();
    assertThat(credentials.token()).isEqualTo("token-1");
    status = 500;
    pass(Duration.ofSeconds(90));
    for (int i = 0; i < 20; i++) {
      assertThat(credentials.token()).isEqualTo("token-1");
    }
    assertThat(forms).as("asked once, with a pause after the failure").hasSize(2);
    pass(Duration.ofSeconds(11));
    assertThatThrownBy(credentials::token).hasMessageContaining("500");
    status = 200;
    assertThat(credentials.token()).isEqualTo("token-4");
  }

  @Test
  void troubleOfTheProviderIsNoOutageOfTheServer() {
    status = 503;
    assertThatThrownBy(credentials()::token)
        .isInstanceOfSatisfying(
            IOException.class, e -> assertThat(GatewayCalls.isOutage(e)).isFalse());
    Credentials credentials = credentials();
    provider.stop(0);
    assertThatThrownBy(credentials::token)
        .isInstanceOfSatisfying(
            IOException.class, e -> assertThat(GatewayCalls.isOutage(e)).isFalse());
  }

  @Test
  void aClientThatTheProviderRefusesIsToldWhy() {
    status = 401;
    assertThatThrownBy(credentials()::token).hasMessageContaining("unknown client");
  }

  @Test
  void aTokenThatTheGatewayRefusedIsFetchedAnewAndAFixedOneIsNot() throws Exception {
    Credentials credentials = credentials();
    String refused = credentials.token();
    assertThat(credentials.wasRefused(refused)).as("another would be no better").isFalse();
    pass(Duration.ofSeconds(6));
    assertThat(credentials.wasRefused(refused)).isTrue();
    assertThat(credentials.token()).isEqualTo("token-2");
    assertThat(credentials.wasRefused(refused)).as("another call found out first").isTrue();
    assertThat(credentials.token()).isEqualTo("token-2");
    WorkerConfig fixed =
        WorkerConfig.of("w", URI.create("http://localhost"), "fixed", 1, List.of("a"));
    Credentials unchanging = new Credentials(fixed, http, nanos::get, Runnable::run);
    assertThat(unchanging.wasRefused(unchanging.token())).isFalse();
  }

  @Test
  void nothingShowsTheSecret() {
    assertThat(config().toString() + config().oidc()).doesNotContain("s +");
  }

  private void answer(HttpExchange exchange) throws IOException {
    forms.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    String json =
        status == 200
            ? "{\"access_token\":\"token-" + forms.size() + "\",\"expires_in\":100}"
            : "{\"error\":\"invalid_client\",\"error_description\":\"unknown client\"}";
    exchange.sendResponseHeaders(status, json.length());
    exchange.getResponseBody().write(json.getBytes(StandardCharsets.UTF_8));
    exchange.close();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private Credentials credentials() {
    return new Credentials(config(), http, nanos::get, Runnable::run);
  }

  private WorkerConfig config() {
    URI token = URI.create("http://127.0.0.1:" + provider.getAddress().getPort() + "/token");
    return new WorkerConfig(
        "w",
        URI.create("http://localhost"),
        null,
        null,
        null,
        List.of("a"),
        null,
        null,
        null,
        null,
        null,
        new WorkerConfig.Oidc(token, "w&1", "s +", "work"));
  }
}
