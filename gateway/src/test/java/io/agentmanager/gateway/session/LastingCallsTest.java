package io.agentmanager.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agentmanager.gateway.RunningGateway;
import io.agentmanager.gateway.oidc.LocalIssuer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls that last, on one replica, when the other one ends what they began with. */
class LastingCallsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String STREAM = "/v1/workflows/held/events";
  private static final String CLAIM = "/v1/tasks/ready?agent_id=held&client_capabilities=c&wait=30";
  private static RunningGateway gateway;
  private static LocalIssuer issuer;
  private static HttpClient http;

  @BeforeAll
  static void start() throws Exception {
    issuer = new LocalIssuer();
    gateway = RunningGateway.start(2, "agentmanager.gateway.oidc.issuer-uri=" + issuer.issuer());
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    gateway.close();
    issuer.close();
  }

  /** Ends with the stream, or with the answer to the claim; the neighbour ends neither. */
  private static CompletableFuture<HttpResponse<String>> lasting(String token, String path) {
    int before = gateway.held();
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port(1) + path))
                .header("Authorization", "Bearer " + token)
                .header("User-Agent", "laptop")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    await().atMost(PATIENCE).until(() -> gateway.held() > before);
    return answer;
  }

  private static String person(String subject) {
    return issuer.token(
        c -> c.subject(subject).claim("sid", subject).claim("roles", List.of("submitter")));
  }

  private static int endSessions(String token) {
    return gateway.call(0, token, "DELETE", "/v1/sessions", null, "User-Agent", "laptop").status();
  }

  @Test
  void whatARevokedTokenBeganEndsWithIt() {
    String revoked = gateway.token("revoked", "\"roles\":[\"admin\"]");
    String kept = gateway.token("kept", "\"roles\":[\"admin\"]");
    CompletableFuture<?> stream = lasting(revoked, STREAM);
    CompletableFuture<?> other = lasting(kept, STREAM);
    CompletableFuture<HttpResponse<String>> claim = lasting(revoked, CLAIM);
    String id = idOf("revoked");
    assertThat(stream).isNotDone();
    assertThat(gateway.call(kept, "DELETE", "/v1/tokens/" + id).status()).isEqualTo(204);
    await().atMost(PATIENCE).until(() -> stream.isDone() && claim.isDone());
    assertThat(claim.join().statusCode()).isEqualTo(401);
    assertThat(claim.join().body()).contains("has ended");
    assertThat(other).isNotDone();
    other.cancel(true);
  }

  private static String idOf(String name) {
    for (var token :
        gateway.call(RunningGateway.ADMINISTRATOR, "GET", "/v1/tokens").body().path("tokens")) {
      if (token.path("name").asString().equals(name)) {
        return token.path("token_id").asString();
      }
    }
    throw new AssertionError(name);
  }

  @Test
  void whatASessionBeganEndsWithIt() {
    String ended = person("ann");
    String kept = person("ben");
    CompletableFuture<?> stream = lasting(ended, STREAM);
    CompletableFuture<?> other = lasting(kept, STREAM);
    assertThat(endSessions(ended)).isEqualTo(204);
    await().atMost(PATIENCE).until(stream::isDone);
    assertThat(LastingCalls.LOOK.plus(Sessions.MEMORY))
        .as("is all that it waited for")
        .isLessThanOrEqualTo(Duration.ofSeconds(5));
    assertThat(other).isNotDone();
    other.cancel(true);
  }
}
