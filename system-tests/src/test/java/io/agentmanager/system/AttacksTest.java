package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.http.AccessRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What strangers and other tenants try on the whole system. After each attack it serves. */
class AttacksTest {
  private static final String SECRET = "the recipe of acme";

  /** Sooner than the gateway gives up those who are silent. */
  private static final Duration SOON = Duration.ofSeconds(15);

  private static RunningSystem system;
  private static Api operator;
  private static Api acme;
  private static Api mallory;
  private static String workflow;

  @BeforeAll
  static void start() {
    system = RunningSystem.split();
    operator = system.api();
    acme = system.api("attacked", "admin", "submitter", "worker", "auditor");
    mallory = system.api("attacker", "admin", "submitter", "worker", "auditor");
    workflow =
        acme.post(
                "/v1/tasks",
                """
                {"description": "%s", "tasks": [
                  {"step_id": "a", "task_description": "%s", "assigned_agent": "x"}]}
                """
                    .formatted(SECRET, SECRET))
            .text("workflow_id");
    acme.put("/v1/workers/worker-of-acme", "{\"agent_capabilities\":[\"other\"]}");
  }

  @AfterEach
  void itStillServes() {
    assertThat(acme.get("/v1/workflows/" + workflow).text("description")).isEqualTo(SECRET);
  }

  @Test
  void listsShowNothingOfOthers() {
    for (String list : List.of("/v1/workflows", "/v1/workers", "/v1/tokens", "/v1/sessions")) {
      Api.Answer answer = mallory.get(list);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body().toString())
          .as(list)
          .doesNotContain(SECRET)
          .doesNotContain("worker-of-acme")
          .doesNotContain(workflow)
          .doesNotContain("attacked");
    }
    assertThat(mallory.get("/v1/trail?tenant=attacked").status()).isEqualTo(404);
  }

  @Test
  void noHeaderMakesACallerSomebodyElse() {
    for (String header :
        List.of("X-Tenant", "X-Tenant-Id", "Tenant", "X-Forwarded-User", "X-User", "X-Roles")) {
      assertThat(
              mallory.send("GET", "/v1/workflows/" + workflow, null, header, "attacked").status())
          .as(header)
          .isEqualTo(404);
    }
    Api stranger = new Api(system.url(), "");
    assertThat(stranger.send("GET", "/v1/workflows", null, "X-Forwarded-User", "admin").status())
        .isEqualTo(401);
  }

  @Test
  void tokensThatAreNoneAreRefusedEverywhere() {
    String none =
        base64("{\"alg\":\"none\"}")
            + "."
            + base64("{\"sub\":\"admin\",\"tenant\":\"attacked\"}")
            + ".";
    for (String token : List.of("", "nobody", none, "amt_" + "A".repeat(43), "a".repeat(7_000))) {
      Api stranger = new Api(system.url(), token);
      for (AccessRules.Rule rule : AccessRules.table()) {
        String path = rule.path().replaceAll("\\{\\w+}", "x");
        assertThat(stranger.send(rule.method(), path, null).status())
            .as(rule.method() + " " + path)
            .isEqualTo(401);
      }
    }
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void tokensOfTheProviderThatAreNotGoodAreRefused() {
    LocalProvider provider = LocalProvider.get();
    Instant past = Instant.now().minusSeconds(120);
    String good = provider.token(claims -> claims.claim("sid", "attacked"));
    String[] parts = good.split("\\.");
    Map<String, String> bad =
        Map.of(
            "expired", provider.token(claims -> claims.expirationTime(Date.from(past))),
            "of another audience", provider.token(claims -> claims.audience("account")),
            "of another issuer", provider.token(claims -> claims.issuer("http://127.0.0.1:9")),
            "not yet good",
                provider.token(c -> c.notBeforeTime(Date.from(Instant.now().plusSeconds(600)))),
            "signed with another key", provider.forged(),
            "without a signature", base64("{\"alg\":\"none\"}") + "." + parts[1] + ".",
            "with other claims", parts[0] + "." + base64("{\"sub\":\"x\"}") + "." + parts[2],
            "without a tenant", provider.token(claims -> claims.claim("tenant", null)));
    bad.forEach(
        (what, token) ->
            assertThat(new Api(system.url(), token).get("/v1/workflows").status())
                .as(what)
                .isEqualTo(401));
    assertThat(new Api(system.url(), good).get("/v1/workflows").status()).isEqualTo(200);
    String[] elsewhere = {"User-Agent", "another device"};
    assertThat(new Api(system.url(), good).send("GET", "/v1/workflows", null, elsewhere).status())
        .as("replayed elsewhere")
        .isEqualTo(401);
    String operator =
        provider.token(c -> c.claim("sid", "esc").claim("roles", List.of("operator", "service")));
    assertThat(new Api(system.url(), operator).get("/v1/tokens").status())
        .as("a role that no provider gives")
        .isEqualTo(403);
  }

  @Test
  void theServicesBehindTheDoorRefuseTheTokensOfTheDoor() {
    for (String part : List.of("planner-service", "task-service", "audit-service")) {
      URI direct = URI.create("http://127.0.0.1:" + system.port(part));
      for (String token : List.of("", system.token())) {
        for (String path : List.of("/v1/workflows", "/internal/plans/x", "/internal/day")) {
          assertThat(new Api(direct, token).get(path).status()).as(part + path).isEqualTo(401);
        }
      }
    }
  }

  @Test
  void pathsThatClimbLeadNowhere() {
    for (String path :
        List.of(
            "/v1/workflows/..%2f..%2finternal%2fday",
            "/v1/workflows/%2e%2e/%2e%2e/internal/day",
            "/internal/day",
            "/actuator/env",
            "/v1/tasks/../../internal/day",
            "/v1//workflows",
            "/v1/workflows;tenant=attacked/" + workflow)) {
      assertThat(mallory.get(path).status()).as(path).isIn(400, 404);
    }
  }

  @Test
  void aBombThatUnpacksItselfIsNotUnpacked() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bomb)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 64; i++) {
        zip.write(zeros);
      }
    }
    HttpRequest request =
        HttpRequest.newBuilder(system.url().resolve("/v1/tasks"))
            .header("Authorization", "Bearer " + system.token())
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArray(bomb.toByteArray()))
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isIn(400, 415);
  }

  @Test
  void oversizedHeadersAndSlowBodiesKeepNobodyElseWaiting() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = new Socket("127.0.0.1", system.url().getPort());
        slow.add(socket);
        write(
            socket,
            "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + system.token()
                + "\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{");
      }
      try (Socket socket = new Socket("127.0.0.1", system.url().getPort())) {
        write(
            socket,
            "GET /v1/workflows HTTP/1.1\r\nHost: x\r\nX-Big: " + "a".repeat(40_000) + "\r\n\r\n");
        assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
            .isIn("HTTP/1.1 431", "HTTP/1.1 413", "HTTP/1.1 400");
      }
      long began = System.nanoTime();
      assertThat(acme.get("/v1/workflows/" + workflow).status()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void twoThousandOpenStreamsKeepNobodyElseWaiting() throws Exception {
    List<Socket> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        streams.addAll(openStreams(100));
      }
      long began = System.nanoTime();
      assertThat(acme.get("/v1/workflows/" + workflow).status()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
    } finally {
      for (Socket socket : streams) {
        socket.close();
      }
    }
  }

  private static List<Socket> openStreams(int count) throws IOException {
    List<Socket> streams = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket socket = new Socket("127.0.0.1", system.url().getPort());
      socket.setSoTimeout(30_000);
      streams.add(socket);
      write(
          socket,
          "GET /v1/workflows/"
              + workflow
              + "/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
              + acme.token()
              + "\r\n\r\n");
    }
    for (Socket stream : streams) {
      assertThat(new String(stream.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");
    }
    return streams;
  }

  private static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }
}
