package io.agentmanager.system;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** The API as a program without our types would use it. */
final class Api {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Set<String> ENDED = Set.of("COMPLETED", "FAILED", "CANCELLED");
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI url;
  private final String token;

  Api(URI url, String token) {
    this.url = url;
    this.token = token;
  }

  record Answer(int status, JsonNode body, HttpHeaders headers) {
    String text(String field) {
      return body.path(field).asString("");
    }

    /** The attempt of a claimed step. */
    int attempt() {
      return body.path("attempt").asInt();
    }
  }

  String token() {
    return token;
  }

  Answer get(String path) {
    return send("GET", path, null);
  }

  Answer post(String path, String body, String... headers) {
    return send("POST", path, body, headers);
  }

  Answer put(String path, String body) {
    return send("PUT", path, body);
  }

  Answer send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(40))
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    for (int i = 0; i + 1 < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      JsonNode json =
          response.body().length == 0
              ? WireJson.mapper().nullNode()
              : WireJson.mapper().readTree(response.body());
      return new Answer(response.statusCode(), json, response.headers());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<java.util.stream.Stream<String>> stream(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    for (int i = 0; i + 1 < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofLines());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits for the end of a workflow and returns it. */
  JsonNode awaitEnd(String workflow) {
    Awaitility.await("end of " + workflow)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> ENDED.contains(get("/v1/workflows/" + workflow).text("status")));
    return get("/v1/workflows/" + workflow).body();
  }

  /** The whole journal of a workflow. */
  List<JsonNode> history(String workflow) {
    JsonNode events =
        get("/v1/workflows/" + workflow + "/history?limit=1000").body().path("events");
    return StreamSupport.stream(events.spliterator(), false).toList();
  }
}
