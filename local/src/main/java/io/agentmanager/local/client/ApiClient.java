package io.agentmanager.local.client;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.json.WireJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** The API as the command line uses it. */
public final class ApiClient {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int FIRST_ERROR = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int SERVER_ERROR = 500;

  /** The same from one machine, since sessions are bound to it. */
  private static final String AGENT = "am (" + System.getProperty("os.name") + ")";

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String url;
  private final Tokens tokens;

  /** Talks to a gateway, with one token. */
  public ApiClient(String url, String token) {
    this(url, () -> token);
  }

  /** Talks to a gateway, asking for the token of each call. */
  ApiClient(String url, Tokens tokens) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.tokens = tokens;
  }

  /** Where the token of a call comes from. */
  @FunctionalInterface
  interface Tokens {
    /**
     * The one to show now.
     *
     * @throws IOException when there is none any more
     */
    String token() throws IOException;

    /** What to say of it when it is refused. */
    default String origin() {
      return "";
    }
  }

  /** The server cannot do now what it was asked for, or does not answer. */
  static final class Unavailable extends IOException {
    private static final long serialVersionUID = 1;

    Unavailable(String message) {
      super(message);
    }

    Unavailable(String message, IOException cause) {
      super(message, cause);
    }
  }

  /** Gets a document. */
  public <T> T get(String path, Class<T> type) throws IOException, InterruptedException {
    return WireJson.mapper().readValue(send("GET", path, null), type);
  }

  /** Posts a document and gets one. */
  public <T> T post(String path, byte[] body, Class<T> type)
      throws IOException, InterruptedException {
    return post(path, body, type, LIMIT);
  }

  /** Posts a document and gets one, within that time. */
  <T> T post(String path, byte[] body, Class<T> type, Duration limit)
      throws IOException, InterruptedException {
    return WireJson.mapper().readValue(send("POST", path, body, limit), type);
  }

  /** Deletes what is there. */
  public void delete(String path) throws IOException, InterruptedException {
    send("DELETE", path, null);
  }

  /** Opens the live events of a workflow, after the given one; null when there are no more. */
  @Nullable BufferedReader events(String workflow, long after)
      throws IOException, InterruptedException {
    HttpRequest request =
        request("/v1/workflows/" + workflow + "/events")
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", Long.toString(after))
            .build();
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() == 204) {
      return null;
    }
    if (response.statusCode() >= FIRST_ERROR) {
      throw new IOException(explain(response.statusCode(), response.body().readAllBytes()));
    }
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  private byte[] send(String method, String path, byte @Nullable [] body)
      throws IOException, InterruptedException {
    return send(method, path, body, LIMIT);
  }

  private byte[] send(String method, String path, byte @Nullable [] body, Duration limit)
      throws IOException, InterruptedException {
    HttpRequest.BodyPublisher content =
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofByteArray(body);
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .timeout(limit)
            .method(method, content)
            .build();
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() >= SERVER_ERROR) {
        throw new Unavailable(explain(response.statusCode(), response.body()));
      }
      if (response.statusCode() >= FIRST_ERROR) {
        throw new IOException(explain(response.statusCode(), response.body()));
      }
      return response.body();
    } catch (HttpTimeoutException e) {
      throw new Unavailable("No answer from " + url + " within " + limit.toSeconds() + " s.", e);
    } catch (ConnectException e) {
      throw new Unavailable("Nothing answers at " + url + ". Is it up?", e);
    }
  }

  private HttpRequest.Builder request(String path) throws IOException {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("User-Agent", AGENT)
        .header("Authorization", "Bearer " + tokens.token());
  }

  private String explain(int status, byte[] body) {
    try {
      Problem problem = WireJson.mapper().readValue(body, Problem.class);
      String faults =
          problem.errors() == null
              ? ""
              : problem.errors().stream()
                  .map(f -> "\n  " + f.pointer() + " " + f.message())
                  .collect(Collectors.joining());
      String origin = status == UNAUTHORIZED || status == FORBIDDEN ? tokens.origin() : "";
      return problem.title() + " (" + status + "): " + problem.detail() + origin + faults;
    } catch (JacksonException e) {
      return "The server answered " + status + ".";
    }
  }
}
