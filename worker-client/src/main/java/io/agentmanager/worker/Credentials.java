package io.agentmanager.worker;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a worker shows at the gateway: a fixed token, or an access token of an OpenID Connect
 * provider (client credentials, RFC 6749 section 4.4). After four fifths of its life a token is
 * fetched anew beside the calls, which go on with the one before for as long as it is good.
 *
 * <p>Whatever is wrong with the provider is an {@link IOException} and no answer of the gateway: it
 * says nothing about whether the server takes anybody's heartbeats.
 */
final class Credentials {
  private static final Logger log = LoggerFactory.getLogger(Credentials.class);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final int OK = 200;
  private static final int STANDARD_LIFE_SEC = 60;
  private final WorkerConfig config;
  private final HttpClient http;
  private final LongSupplier nanos;
  private final Executor beside;
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private final AtomicReference<@Nullable Access> access = new AtomicReference<>();
  private volatile long tried;

  /**
   * Asks the provider, if there is one, with that client.
   *
   * @param beside runs what calls need not wait for
   */
  Credentials(WorkerConfig config, HttpClient http, LongSupplier nanos, Executor beside) {
    this.config = config;
    this.http = http;
    this.nanos = nanos;
    this.beside = beside;
    this.tried = nanos.getAsLong() - PAUSE.toNanos();
  }

  private record Access(String token, long fetched, Duration life) {
    boolean isFresh(long now) {
      return now - fetched < life.toNanos() / 5 * 4;
    }

    boolean isGood(long now) {
      return now - fetched < life.toNanos();
    }
  }

  /**
   * The token for the next call.
   *
   * @throws IOException when the provider gives none
   */
  String token() throws IOException, InterruptedException {
    WorkerConfig.Oidc oidc = config.oidc();
    if (oidc == null) {
      return Objects.requireNonNull(config.authToken(), "auth_token");
    }
    Access current = access.get();
    long now = nanos.getAsLong();
    if (current == null || !current.isGood(now)) {
      return fetchedByOne(oidc).token();
    }
    boolean due = !current.isFresh(now) && now - tried >= PAUSE.toNanos();
    if (due && refreshing.compareAndSet(false, true)) {
      beside.execute(() -> refresh(oidc));
    }
    return current.token();
  }

  /**
   * The gateway refused a token.
   *
   * @return whether another can be had: not when this one was fetched just now
   */
  boolean wasRefused(String token) {
    if (config.oidc() == null) {
      return false;
    }
    Access current = access.get();
    if (current == null || !current.token().equals(token)) {
      return true;
    }
    if (nanos.getAsLong() - current.fetched() < PAUSE.toNanos()) {
      return false;
    }
    access.compareAndSet(current, null);
    return true;
  }

  private synchronized Access fetchedByOne(WorkerConfig.Oidc oidc)
      throws IOException, InterruptedException {
    Access current = access.get();
    if (current == null || !current.isGood(nanos.getAsLong())) {
      current = fetch(oidc);
      access.set(current);
    }
    return current;
  }

  private void refresh(WorkerConfig.Oidc oidc) {
    try {
      tried = nanos.getAsLong();
      access.set(fetch(oidc));
    } catch (IOException e) {
      log.warn("the token is not renewed yet: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      refreshing.set(false);
    }
  }

  private Access fetch(WorkerConfig.Oidc oidc) throws IOException, InterruptedException {
    long asked = nanos.getAsLong();
    HttpResponse<byte[]> response = send(oidc);
    JsonNode answer = json(response.body());
    String token = answer.path("access_token").asString("");
    if (response.statusCode() != OK || token.isEmpty()) {
      String why = answer.path("error_description").asString(answer.path("error").asString(""));
      throw new IOException("the identity provider answered " + response.statusCode() + " " + why);
    }
    int life = answer.path("expires_in").asInt(STANDARD_LIFE_SEC);
    return new Access(token, asked, Duration.ofSeconds(life));
  }

  private HttpResponse<byte[]> send(WorkerConfig.Oidc oidc)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(oidc.tokenUrl())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .timeout(ANSWER)
            .POST(HttpRequest.BodyPublishers.ofString(form(oidc)))
            .build();
    try {
      return Answers.within(http, request, ANSWER);
    } catch (IOException e) {
      throw new IOException("the identity provider does not answer: " + e, e);
    }
  }

  private static String form(WorkerConfig.Oidc oidc) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("grant_type", "client_credentials");
    fields.put("client_id", oidc.clientId());
    fields.put("client_secret", oidc.clientSecret());
    if (oidc.scope() != null) {
      fields.put("scope", oidc.scope());
    }
    return fields.entrySet().stream()
        .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static JsonNode json(byte[] body) {
    try {
      return WireJson.mapper().readTree(body);
    } catch (JacksonException e) {
      return WireJson.mapper().nullNode();
    }
  }
}
