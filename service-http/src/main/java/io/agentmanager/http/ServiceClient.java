package io.agentmanager.http;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.TraceParent;
import io.opentelemetry.context.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;

/** Asks another service for a document, in this service's own name. Blocking. */
public final class ServiceClient {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int NOT_FOUND = 404;
  private static final int FIRST_REDIRECT = 300;
  private static final int SERVER_ERROR = 500;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;
  private final InternalTokens tokens;

  /** Asks the service at a base URL. */
  public ServiceClient(URI base, InternalTokens tokens) {
    this.base = base;
    this.tokens = tokens;
  }

  /**
   * Fetches a document.
   *
   * @param path from the root, already encoded
   * @return empty when the service does not know it
   * @throws UncheckedIOException when the service does not answer now (502, 503, 504 included)
   * @throws IllegalStateException when it answers as it should not
   */
  public <T> Optional<T> get(TenantId tenant, String path, Class<T> type) {
    return answer(request(tenant, path).build())
        .map(body -> WireJson.mapper().readValue(body, type));
  }

  /** Fetches a document of a type with parameters, as {@link #get(TenantId, String, Class)}. */
  public <T> Optional<T> get(TenantId tenant, String path, TypeReference<T> type) {
    return answer(request(tenant, path).build())
        .map(body -> WireJson.mapper().readValue(body, type));
  }

  /**
   * Asks for something to be there; asking again changes nothing.
   *
   * @return whether the service knows what it is about
   * @throws UncheckedIOException when the service does not answer now (502, 503, 504 included)
   * @throws IllegalStateException when it answers as it should not
   */
  public boolean ensure(TenantId tenant, String path) {
    return answer(request(tenant, path).PUT(HttpRequest.BodyPublishers.noBody()).build())
        .isPresent();
  }

  /**
   * Hands over a document.
   *
   * @throws UncheckedIOException when the service does not answer now (502, 503, 504 included)
   * @throws IllegalStateException when it answers as it should not
   */
  public void post(TenantId tenant, String path, Object document) {
    HttpRequest request =
        request(tenant, path)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    WireJson.mapper().writeValueAsBytes(document)))
            .build();
    if (answer(request).isEmpty()) {
      throw new IllegalStateException(request.uri() + " is not there");
    }
  }

  private HttpRequest.Builder request(TenantId tenant, String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .header("Authorization", "Bearer " + tokens.mintForService(tenant))
            .timeout(ANSWER);
    String place = TraceParent.of(Context.current());
    return place == null ? request : request.header(TraceParent.HEADER, place);
  }

  private Optional<byte[]> answer(HttpRequest request) {
    HttpResponse<byte[]> response = send(request);
    if (response.statusCode() == NOT_FOUND) {
      return Optional.empty();
    }
    if (response.statusCode() > SERVER_ERROR) {
      throw new UncheckedIOException(new IOException(describe(request, response)));
    }
    if (response.statusCode() < OK || response.statusCode() >= FIRST_REDIRECT) {
      throw new IllegalStateException(describe(request, response));
    }
    return Optional.of(response.body());
  }

  private String describe(HttpRequest request, HttpResponse<byte[]> response) {
    String answered = request.uri() + " answered " + response.statusCode();
    return response.statusCode() == UNAUTHORIZED ? answered + clockOf(response) : answered;
  }

  /** A token is refused by a clock that is far off as by another secret. */
  private String clockOf(HttpResponse<byte[]> response) {
    return response
        .headers()
        .firstValue("Date")
        .flatMap(ServiceClient::moment)
        .map(theirs -> Duration.between(tokens.now(), theirs))
        .filter(ahead -> ahead.abs().compareTo(InternalTokens.SKEW) > 0)
        .map(
            ahead ->
                ", and its clock is %d s %s the one here"
                    .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of"))
        .orElse("");
  }

  private static Optional<Instant> moment(String date) {
    try {
      return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(request.uri() + " does not answer", e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
  }
}
