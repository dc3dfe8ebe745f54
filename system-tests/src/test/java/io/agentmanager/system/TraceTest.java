package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.system.TraceCollector.Seen;
import io.agentmanager.tracing.OpenTelemetrySpans;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.Agent;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One trace from a caller's submission to the end of its workflow. */
class TraceTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String STUMBLING = "6bf92f3577b34da6a3ce929d0e0e4738";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final TraceCollector COLLECTOR = TraceCollector.get();
  private static List<Seen> spans = List.of();

  /** Looks once and then answers; stumbles once where it is told to. */
  private static final class Model implements ChatModel {
    private final AtomicBoolean stumbled = new AtomicBoolean();

    @Override
    public ChatResponse doChat(ChatRequest request) {
      if (request.messages().toString().contains("stumble")
          && stumbled.compareAndSet(false, true)) {
        throw new IllegalStateException("over a stone");
      }
      boolean looked =
          request.messages().stream().anyMatch(m -> m instanceof ToolExecutionResultMessage);
      AiMessage said =
          looked
              ? AiMessage.from("what was seen")
              : AiMessage.from(
                  List.of(
                      ToolExecutionRequest.builder().id("1").name("look").arguments("{}").build()));
      return ChatResponse.builder().aiMessage(said).tokenUsage(new TokenUsage(100, 10)).build();
    }
  }

  /** A tool. */
  public static final class Eyes {
    @Tool
    public String look() {
      return "seen";
    }
  }

  @BeforeAll
  static void aWorkflowWithATraceOfItsCaller() {
    RunningSystem system = RunningSystem.split();
    Map<String, String> settings = new HashMap<>();
    settings.put("otel.service.name", "worker");
    settings.put("otel.exporter.otlp.endpoint", COLLECTOR.endpoint());
    settings.put("otel.exporter.otlp.protocol", "http/protobuf");
    settings.put("otel.metrics.exporter", "none");
    settings.put("otel.logs.exporter", "none");
    OpenTelemetrySdk telemetry =
        AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(() -> settings)
            .build()
            .getOpenTelemetrySdk();
    WorkerConfig config =
        WorkerConfig.of("tracer", system.url(), system.token(), 2, List.of("tracing"));
    MeteredModel model = new MeteredModel(new Model(), "scripted", Map.of());
    try (telemetry;
        Worker worker =
            Worker.builder(config)
                .handlerForAll(Agent.builder(model).tools(new Eyes()).build())
                .spans(new OpenTelemetrySpans(telemetry))
                .start()) {
      assertThat(worker.running()).isEmpty();
      Api api = system.api();
      String id =
          api.post(
                  "/v1/tasks",
                  """
                  {"description": "traced", "tasks": [
                    {"step_id": "first", "task_description": "look", "assigned_agent": "tracing"},
                    {"step_id": "second", "task_description": "look", "assigned_agent": "tracing",
                     "dependencies": ["first"]}]}
                  """,
                  "traceparent",
                  "00-" + TRACE + "-" + CALLER + "-01")
              .text("workflow_id");
      assertThat(api.awaitEnd(id).path("status").asString()).isEqualTo("COMPLETED");
      String stumbling =
          api.post(
                  "/v1/tasks",
                  """
                  {"description": "traced", "tasks": [
                    {"step_id": "s", "task_description": "stumble", "assigned_agent": "tracing"}]}
                  """,
                  "traceparent",
                  "00-" + STUMBLING + "-" + CALLER + "-01")
              .text("workflow_id");
      assertThat(api.awaitEnd(stumbling).path("status").asString()).isEqualTo("COMPLETED");
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                names(COLLECTOR.of(TRACE))
                    .containsAll(Set.of("send agentmanager.finished", "synthesize-workflow")));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                COLLECTOR.of(STUMBLING).stream()
                        .filter(span -> span.name().equals("execute_step"))
                        .count()
                    == 2);
    spans = COLLECTOR.of(TRACE);
  }

  private static Set<String> names(List<Seen> spans) {
    return spans.stream().map(Seen::name).collect(Collectors.toSet());
  }

  private static List<Seen> named(String name) {
    return spans.stream().filter(span -> span.name().equals(name)).toList();
  }

  private static Seen one(String service, String name) {
    List<Seen> found = named(name).stream().filter(span -> span.service().equals(service)).toList();
    assertThat(found).as(service + " " + name + " of " + names(spans)).hasSize(1);
    return found.getFirst();
  }

  private static Seen parent(Seen span) {
    return spans.stream()
        .filter(other -> other.id().equals(span.parent()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing above " + span));
  }

  @Test
  void everySpanLeadsBackToTheCaller() {
    Map<String, Seen> byId = spans.stream().collect(Collectors.toMap(Seen::id, s -> s));
    for (Seen span : spans) {
      Seen at = span;
      while (!at.parent().equals(CALLER)) {
        Seen above = byId.get(at.parent());
        assertThat(above).as("above " + at).isNotNull();
        at = above;
      }
      assertThat(at.service()).as("where " + span.name() + " came in").isEqualTo("gateway");
    }
    assertThat(spans.stream().map(Seen::service))
        .contains("gateway", "planner-service", "task-service", "audit-service", "worker");
  }

  @Test
  void theSubmissionGoesThroughTheGatewayToThePlannerAndByKafkaToTheTaskService() {
    Seen door = one("gateway", "http post /v1/tasks");
    assertThat(door.parent()).isEqualTo(CALLER);
    assertThat(one("planner-service", "http post /v1/tasks").parent()).isEqualTo(door.id());
    for (String event : List.of("submitted", "planned")) {
      Seen sent = one("planner-service", "send agentmanager." + event);
      assertThat(sent.parent()).isEqualTo(door.id());
      assertThat(sent.kind()).isEqualTo("SPAN_KIND_PRODUCER");
      assertThat(named("process agentmanager." + event))
          .allSatisfy(process -> assertThat(process.parent()).isEqualTo(sent.id()));
    }
    // What came with one poll is handled together, and named by the topic of the first.
    assertThat(spans)
        .filteredOn(
            span ->
                Set.of("process agentmanager.submitted", "process agentmanager.planned")
                    .contains(span.name()))
        .isNotEmpty()
        .allMatch(span -> span.service().equals("task-service"))
        .allMatch(span -> span.kind().equals("SPAN_KIND_CONSUMER"));
    assertThat(one("task-service", "send agentmanager.finished").parent()).isEqualTo(door.id());
  }

  @Test
  void eachAttemptHoldsItsModelAndToolCallsAndTheResultThatItSent() {
    List<Seen> attempts = named("execute_step");
    assertThat(attempts).hasSize(2).allMatch(a -> a.service().equals("worker"));
    for (Seen attempt : attempts) {
      List<Seen> below = spans.stream().filter(s -> s.parent().equals(attempt.id())).toList();
      assertThat(below)
          .extracting(Seen::name)
          .contains("chat scripted", "execute_tool look", "send_results");
      Seen chat = below.stream().filter(s -> s.name().startsWith("chat")).findFirst().orElseThrow();
      assertThat(chat.attributes())
          .containsEntry("gen_ai.request.model", "scripted")
          .containsEntry("gen_ai.usage.input_tokens", "100");
      assertThat(attempt.attributes()).containsEntry("agentmanager.step.status", "completed");
    }
    assertThat(named("http post /v1/results/batch"))
        .filteredOn(span -> span.service().equals("task-service"))
        .hasSize(2)
        .allSatisfy(
            span -> {
              assertThat(parent(span).service()).isEqualTo("gateway");
              assertThat(parent(parent(span)).name()).isEqualTo("send_results");
            });
  }

  @Test
  void auditAndSynthesisAreBelowTheNewsThatAskedForThem() {
    Seen audit = one("audit-service", "audit-workflow");
    assertThat(parent(audit).name()).isEqualTo("process agentmanager.completed");
    assertThat(parent(parent(audit)).name()).isEqualTo("send agentmanager.completed");
    Seen synthesis = one("planner-service", "synthesize-workflow");
    assertThat(synthesis.attributes()).containsKey("agentmanager.workflow.id");
    assertThat(parent(synthesis).name()).startsWith("process agentmanager.");
  }

  @Test
  void anAttemptThatFailsSaysSoAndTheNextOneStandsBesideIt() {
    List<Seen> attempts =
        COLLECTOR.of(STUMBLING).stream().filter(s -> s.name().equals("execute_step")).toList();
    assertThat(attempts).hasSize(2);
    Seen failed = attempts.stream().filter(Seen::failed).findFirst().orElseThrow();
    assertThat(failed.attributes())
        .containsEntry("agentmanager.step.attempt", "1")
        .containsEntry("error.type", "IllegalStateException");
    assertThat(attempts).extracting(Seen::parent).containsOnly(failed.parent());
  }

  @Test
  void noSpanTellsWhatIsSaid() {
    assertThat(spans.toString()).doesNotContain("what was seen").doesNotContain("traced");
  }
}
