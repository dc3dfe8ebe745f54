package io.agentmanager.worker;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.Spans;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Sends calls with the worker's token, and reads what comes back. Blocking. */
final class GatewayCalls {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final String TRACEPARENT = "traceparent";
  private static final int NO_CONTENT = 204;
  private static final int UNAUTHORIZED = 401;
  private static final int FIRST_ERROR = 400;
  private static final Set<Integer> OUTAGES = Set.of(502, 503, 504);
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build();
  private final WorkerConfig config;
  private final WorkerListener listener;
  private final Credentials credentials;

  GatewayCalls(WorkerConfig config, WorkerListener listener) {
    this.config = config;
    this.listener = listener;
    this.credentials =
        new Credentials(config, http, System::nanoTime, Thread.ofVirtual().name("token")::start);
  }

  /**
   * Whether this says that the server is out for everybody, rather than that it is silent: it
   * answered so, or nobody listens at its port. (A refused connection comes as a {@link
   * ConnectException} without a message from the JDK's client; a connection that timed out as
   * another exception.)
   */
  static boolean isOutage(IOException failure) {
    if (failure instanceof Refused refused) {
      return OUTAGES.contains(refused.status());
    }
    return failure instanceof ConnectException
        && !String.valueOf(failure.getMessage()).contains("unreachable");
  }

  static boolean isPassing(int status) {
    return status == 429 || status >= 500;
  }

  /**
   * Sends a call.
   *
   * @param path from the server's root, encoded
   * @param type of the answer; {@link Void} for one without a body
   * @throws Refused when the server answers with an error
   */
  <T> T call(String method, String path, @Nullable Object body, Class<T> type, Duration atMost)
      throws IOException, InterruptedException {
    return call(method, path, body, body, type, atMost);
  }

  /** Sends the other body where the first one's token was refused. */
  @SuppressWarnings("NullAway") // A call that is answered without a body is asked for Void.
  <T> T call(
      String method,
      String path,
      @Nullable Object body,
      @Nullable Object again,
      Class<T> type,
      Duration atMost)
      throws IOException, InterruptedException {
    String token = credentials.token();
    HttpResponse<byte[]> response = send(method, path, content(body), token, atMost);
    if (response.statusCode() == UNAUTHORIZED && credentials.wasRefused(token)) {
      response = send(method, path, content(again), credentials.token(), atMost);
    }
    if (isPassing(response.statusCode())) {
      listener.gatewayFailed();
    }
    if (response.statusCode() >= FIRST_ERROR) {
      throw refused(response.statusCode(), response.body());
    }
    if (type == Void.class || response.statusCode() == NO_CONTENT) {
      return null;
    }
    try {
      return WireJson.mapper().readValue(response.body(), type);
    } catch (JacksonException e) {
      throw new IOException("the server's answer cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  private static HttpRequest.BodyPublisher content(@Nullable Object body) {
    return body == null
        ? HttpRequest.BodyPublishers.noBody()
        : HttpRequest.BodyPublishers.ofByteArray(WireJson.mapper().writeValueAsBytes(body));
  }

  private HttpResponse<byte[]> send(
      String method, String path, HttpRequest.BodyPublisher content, String token, Duration atMost)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base() + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .timeout(atMost)
            .method(method, content);
    String place = Spans.place();
    if (place != null) {
      request.header(TRACEPARENT, place);
    }
    try {
      return Answers.within(http, request.build(), atMost);
    } catch (IOException e) {
      listener.gatewayFailed();
      throw e;
    }
  }

  private String base() {
    String url = config.serverUrl().toString();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** What went wrong, in a word for a log. */
  static String describe(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static Refused refused(int status, byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    try {
      Problem problem = WireJson.mapper().readValue(body, Problem.class);
      boolean isOne = problem != null && problem.title() != null;
      return new Refused(status, isOne ? problem : null, text);
    } catch (JacksonException e) {
      return new Refused(status, null, text);
    }
  }
}
