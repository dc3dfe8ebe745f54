package io.agentmanager.system.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.system.RunningSystem;
import io.agentmanager.system.fuzz.Attempt.Expectation;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import tools.jackson.databind.JsonNode;

/**
 * Every operation of the served document with valid, missing, wrong, unknown, oversized, nested and
 * odd values in body, path, query and headers, with and without a token. Whatever is sent: no 5xx,
 * no nonsense accepted, and every answer documented, valid by its schema, and problem+json if it is
 * an error.
 */
class DocumentFuzzTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String VERIFY = "/v1/trail/verify";
  private static final int FIRST_ERROR = 400;
  private static final int FIRST_FAILURE = 500;
  private static RunningSystem system;
  private static ApiDocument document;
  private static Attempts attempts;
  private static List<ApiDocument.Operation> operations;
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeContainer
  static void start() throws Exception {
    system = RunningSystem.split();
    HttpRequest request = HttpRequest.newBuilder(system.url().resolve("/v1/openapi.json")).build();
    document = new ApiDocument(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
    operations =
        document.operations().stream()
            // Reads whole topics each time: a few of it are enough.
            .filter(operation -> !operation.path().equals(VERIFY))
            .toList();
    attempts = new Attempts(document, tokens(), known());
  }

  /** The operator's, oftenest, and one of each role. */
  private static List<String> tokens() throws Exception {
    List<String> tokens = new ArrayList<>(Collections.nCopies(6, system.token()));
    for (String role : List.of("submitter", "worker", "auditor", "admin")) {
      String body = "{\"name\":\"fuzz-%1$s\",\"roles\":[\"%1$s\"]}".formatted(role);
      tokens.add(post("/v1/tokens", body).path("secret").asString());
    }
    return tokens;
  }

  @AfterContainer
  static void thenAGoodRequestWorks() throws Exception {
    assertThat(submit("after all that").path("status").asString()).isEqualTo("RUNNING");
  }

  /** Things that exist, so that not every call ends with 404. */
  private static Map<String, List<String>> known() throws Exception {
    List<String> workflows = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      workflows.add(submit("to be fuzzed").path("workflow_id").asString());
    }
    return Map.of(
        "id", workflows,
        "workflow_id", workflows,
        "step", List.of("a", "b"),
        "step_id", List.of("a", "b"),
        "dependencies", List.of("a"),
        "worker", List.of("fuzzer"),
        "agent_id", List.of("fuzzer"),
        "client_id", List.of("fuzzer"),
        "client_capabilities", List.of("fuzz"),
        "agent_capabilities", List.of("fuzz"));
  }

  private static JsonNode submit(String description) throws Exception {
    String step = "{\"step_id\":\"%s\",\"task_description\":\"x\",\"assigned_agent\":\"fuzz\"}";
    String body =
        "{\"description\":\"%s\",\"tasks\":[%s,%s]}"
            .formatted(description, step.formatted("a"), step.formatted("b"));
    return post("/v1/tasks", body);
  }

  private static JsonNode post(String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(system.url().resolve(path))
            .header("Authorization", "Bearer " + system.token())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return WireJson.mapper().readTree(answer.body());
  }

  @Provide
  Arbitrary<Attempt> anything() {
    return Arbitraries.randomValue(
        random -> attempts.of(operations.get(random.nextInt(operations.size())), random));
  }

  @Provide
  Arbitrary<Attempt> verifications() {
    ApiDocument.Operation verify =
        document.operations().stream()
            .filter(operation -> operation.path().equals(VERIFY))
            .findFirst()
            .orElseThrow();
    return Arbitraries.randomValue(random -> attempts.of(verify, random));
  }

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  void theDocumentHoldsForVerifications(@ForAll("verifications") Attempt attempt) throws Exception {
    check(attempt);
  }

  @Property(tries = 400, shrinking = ShrinkingMode.OFF)
  void theDocumentHoldsForAFew(@ForAll("anything") Attempt attempt) throws Exception {
    check(attempt);
  }

  @Property(tries = 25_000, shrinking = ShrinkingMode.OFF)
  @Tag("fuzz")
  void theDocumentHoldsForMany(@ForAll("anything") Attempt attempt) throws Exception {
    check(attempt);
  }

  private static void check(Attempt attempt) throws Exception {
    HttpResponse<InputStream> answer = send(attempt);
    String type = answer.headers().firstValue("Content-Type").orElse("").split(";")[0];
    String body = type.equals("text/event-stream") ? closed(answer) : read(answer);
    int status = answer.statusCode();
    String what = attempt + "\n  -> " + status + " " + type + " " + body;
    assertThat(status).as(what).isLessThan(FIRST_FAILURE);
    if (attempt.expectation() == Expectation.UNAUTHORIZED) {
      assertThat(status).as(what).isEqualTo(401);
    }
    if (attempt.expectation() == Expectation.REFUSED) {
      assertThat(status).as(what).isGreaterThanOrEqualTo(FIRST_ERROR);
    }
    if (status >= FIRST_ERROR) {
      assertThat(type).as(what).isEqualTo("application/problem+json");
      JsonNode problem = WireJson.mapper().readTree(body);
      assertThat(problem.path("status").asInt()).as(what).isEqualTo(status);
      assertThat(problem.path("type").asString(""))
          .as(what)
          .startsWith("urn:agentmanager:problem:");
    }
    assertThat(answer.headers().map()).as(what).doesNotContainKey("x-injected");
    // A path that the odd value leads elsewhere is another call.
    boolean sameCall = !leadsElsewhere(attempt);
    if (sameCall) {
      assertThat(document.fault(attempt.operation(), status, type, body)).as(what).isEmpty();
    }
  }

  private static boolean leadsElsewhere(Attempt attempt) {
    String path = attempt.target().split("\\?", 2)[0];
    return path.contains("//") || path.endsWith("/");
  }

  private static HttpResponse<InputStream> send(Attempt attempt) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(system.url() + attempt.target()))
            .timeout(PATIENCE)
            .method(
                attempt.operation().method(),
                attempt.body() == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(attempt.body()));
    attempt.headers().forEach(request::header);
    try {
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new AssertionError(attempt + "\n  -> no answer", e);
    }
  }

  private static String read(HttpResponse<InputStream> answer) throws IOException {
    try (InputStream body = answer.body()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String closed(HttpResponse<InputStream> answer) throws IOException {
    answer.body().close();
    return "";
  }
}
