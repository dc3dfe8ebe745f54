package io.agentmanager.benchmarks;

import io.agentmanager.contracts.api.IssuedToken;
import io.agentmanager.contracts.api.SubmissionAnswer;
import io.agentmanager.contracts.api.TokenRequest;
import io.agentmanager.contracts.json.WireJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;

/** The public API as a client of the benchmark uses it. Blocking. */
final class Api {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Set<String> LAST =
      Set.of("workflow.completed", "workflow.failed", "workflow.cancelled");
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;
  private final String token;

  Api(String url, String token) {
    this.url = url;
    this.token = token;
  }

  /** Submits and returns the workflow's id. */
  String submit(byte[] submission) throws IOException, InterruptedException {
    return post("/v1/tasks", submission, SubmissionAnswer.class).workflowId();
  }

  /** Makes an API token. */
  IssuedToken token(TokenRequest request) throws IOException, InterruptedException {
    return post("/v1/tokens", WireJson.mapper().writeValueAsBytes(request), IssuedToken.class);
  }

  private <T> T post(String path, byte[] body, Class<T> type)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        http.send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() >= 300) {
      throw new IOException(
          answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
    }
    return WireJson.mapper().readValue(answer.body(), type);
  }

  /** Waits for a step of a capability, which is the worker's name too; false when none came. */
  boolean claim(String name, int waitSec) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        http.send(
            request(
                    "/v1/tasks/ready?agent_id=%s&client_capabilities=%s&wait=%d"
                        .formatted(name, name, waitSec))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() >= 300) {
      throw new IOException("a claim was answered " + answer.statusCode());
    }
    return answer.statusCode() == 200;
  }

  /** Follows the live events until the last; returns its type. */
  String awaitEnd(String workflow) throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        http.send(
            request("/v1/workflows/" + workflow + "/events")
                .header("Accept", "text/event-stream")
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String type = line.startsWith("event:") ? line.substring("event:".length()).strip() : "";
        if (LAST.contains(type)) {
          return type;
        }
      }
    }
    throw new IOException("the events of " + workflow + " ended too early");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .timeout(LIMIT)
        .header("Authorization", "Bearer " + token);
  }
}
