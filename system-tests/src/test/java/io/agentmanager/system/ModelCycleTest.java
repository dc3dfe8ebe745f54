package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.system.TraceCollector.Seen;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** The whole cycle with every model played by a server that speaks the OpenAI protocol. */
@Execution(ExecutionMode.CONCURRENT)
class ModelCycleTest {
  private static final String TRACE = "5bf92f3577b34da6a3ce929d0e0e4737";

  @Test
  void modelsPlanWorkAuditReworkAndSynthesise() throws Exception {
    Path workspace = Files.createTempDirectory("am-model-workspace");
    Files.writeString(workspace.resolve("notes.md"), "We know that the moon is far away.");
    try (OpenAiServer models = new OpenAiServer();
        RunningSystem system =
            RunningSystem.start(
                List.of(),
                Map.of(
                    "LLM_PROVIDER", "openai",
                    "LLM_BASE_URL", models.baseUrl(),
                    "OPENAI_API_KEY", "sk-test-never-logged",
                    "LLM_MODEL", "gpt-4o-mini",
                    "AM_WORKSPACE", workspace.toString(),
                    "OTEL_EXPORTER_OTLP_ENDPOINT", TraceCollector.get().endpoint(),
                    "OTEL_METRICS_EXPORTER", "none",
                    "TRACING_SAMPLING_PROBABILITY", "0",
                    "OTEL_BSP_SCHEDULE_DELAY", "200"))) {
      Api api = system.api();
      String id =
          api.post(
                  "/v1/tasks",
                  "{\"description\": \"What do the notes say?\", \"audit\": {\"mode\": \"llm\"}}",
                  "traceparent",
                  "00-" + TRACE + "-00f067aa0ba902b7-01")
              .text("workflow_id");
      JsonNode workflow = api.awaitEnd(id);

      assertThat(workflow.path("status").asString()).as(workflow.toString()).isEqualTo("COMPLETED");
      assertThat(workflow.path("result").asString()).startsWith("Synthesised:");
      assertThat(workflow.path("rework_cycle").asInt()).isEqualTo(1);
      assertThat(models.seen())
          .containsSubsequence("malformed plan", "repaired plan", "audit fails", "better answer")
          .contains("throttled", "broken", "tool call", "answer from the file")
          .endsWith("audit passes", "synthesis");
      assertUsageIsCounted(workflow, models);
      assertIterationsAreRecorded(api, id);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(ModelCycleTest::assertOneTraceHoldsAll);

      for (String service : List.of("planner-service", "audit-service")) {
        assertThat(metrics(system, service))
            .as(service)
            .anyMatch(line -> line.startsWith("gen_ai_client_token_usage_sum{"))
            .anyMatch(line -> line.contains("gen_ai_request_model=\"gpt-4o-mini\""));
      }
      assertThat(inputTokensTold(system))
          .as("the services together tell by tenant and model what the workflow used")
          .isEqualTo(workflow.path("usage").path("input_tokens").asDouble());

      String refused =
          api.post("/v1/tasks", "{\"description\": \"Do the FORBIDDEN thing\"}")
              .text("workflow_id");
      JsonNode failed = api.awaitEnd(refused);
      assertThat(failed.path("status").asString()).isEqualTo("FAILED");
      assertThat(failed.path("error").path("type").asString()).isEqualTo("planning_failed");
      assertThat(models.seen()).contains("refusal");
      assertThat(logs(system.data().resolve("logs"))).doesNotContain("sk-test-never-logged");
    }
  }

  /** Planning, both cycles, and every call of a model, each below what asked for it. */
  private static void assertOneTraceHoldsAll() {
    Map<String, Seen> byId =
        TraceCollector.get().of(TRACE).stream().collect(Collectors.toMap(Seen::id, s -> s));
    assertThat(named("plan-workflow")).hasSize(1);
    assertThat(below(named("plan-workflow").getFirst()))
        .as("a malformed plan and its repair")
        .extracting(Seen::name)
        .filteredOn(name -> name.startsWith("chat"))
        .containsExactly("chat gpt-4o-mini", "chat gpt-4o-mini");
    assertThat(named("execute_step"))
        .hasSize(3)
        .allSatisfy(
            attempt ->
                assertThat(below(attempt)).extracting(Seen::name).contains("chat gpt-4o-mini"));
    List<Seen> audits = named("audit-workflow");
    assertThat(audits)
        .extracting(audit -> audit.attributes().get("agentmanager.audit.cycle"))
        .containsExactlyInAnyOrder("0", "1");
    assertThat(audits)
        .as("each below the news of its own cycle")
        .allSatisfy(
            audit -> {
              assertThat(byId.get(audit.parent()).name())
                  .isEqualTo("process agentmanager.completed");
              assertThat(below(audit)).extracting(Seen::name).contains("chat gpt-4o-mini");
            })
        .extracting(Seen::parent)
        .doesNotHaveDuplicates();
    assertThat(named("synthesize-workflow")).hasSize(1);
    Seen synthesis = named("synthesize-workflow").getFirst();
    assertThat(byId).containsKey(synthesis.parent());
    assertThat(byId.get(synthesis.parent()).name()).startsWith("process agentmanager.");
  }

  private static List<Seen> named(String name) {
    return TraceCollector.get().of(TRACE).stream().filter(s -> s.name().equals(name)).toList();
  }

  private static List<Seen> below(Seen span) {
    return TraceCollector.get().of(TRACE).stream()
        .filter(s -> s.parent().equals(span.id()))
        .toList();
  }

  private static List<String> metrics(RunningSystem system, String service) {
    URI url = URI.create("http://127.0.0.1:" + system.port(service + "-management"));
    return new Api(url, "").stream("/actuator/prometheus").body().toList();
  }

  private static double inputTokensTold(RunningSystem system) {
    String series =
        "agentmanager_model_tokens_total{gen_ai_request_model=\"gpt-4o-mini\","
            + "gen_ai_token_type=\"input\",tenant=\"default\"} ";
    return Stream.of("planner-service", "audit-service", "task-service")
        .flatMap(service -> metrics(system, service).stream())
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .sum();
  }

  private static void assertUsageIsCounted(JsonNode workflow, OpenAiServer models) {
    long paid =
        models.seen().stream().filter(s -> !s.equals("throttled") && !s.equals("broken")).count();
    JsonNode usage = workflow.path("usage");
    assertThat(usage.path("input_tokens").asLong()).isEqualTo(paid * 100);
    assertThat(usage.path("output_tokens").asLong()).isEqualTo(paid * 10);
    assertThat(usage.path("cost_usd").asDouble())
        .isCloseTo(
            paid * (100 * 0.15 + 10 * 0.60) / 1e6, org.assertj.core.data.Offset.offset(1e-9));
  }

  private static void assertIterationsAreRecorded(Api api, String id) {
    JsonNode result =
        api.get("/v1/workflows/" + id + "/steps/read/results").body().path("results").path(0);
    JsonNode first = result.path("ra_history").path("iterations").path(0);
    assertThat(first.path("thought").asString()).isEqualTo("I look at the notes.");
    assertThat(first.path("action").path("tool").asString()).isEqualTo("read_file");
    assertThat(first.path("observation").asString()).contains("the moon is far");
    assertThat(first.path("usage").path("input_tokens").asLong()).isEqualTo(100);
    assertThat(first.path("started_at").asString()).isNotEmpty();
  }

  private static String logs(Path folder) throws Exception {
    StringBuilder all = new StringBuilder();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }
}
