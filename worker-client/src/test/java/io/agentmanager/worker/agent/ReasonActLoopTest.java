package io.agentmanager.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.tracing.Traces;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReasonActLoopTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @RegisterExtension
  private static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

  private final List<Iteration> live = new ArrayList<>();

  public static final class Clock {
    @Tool(name = "tell_time", value = "Tells the time")
    public String tellTime() {
      return "noon";
    }

    @Tool(name = "break", value = "Breaks")
    public String breaks() {
      throw new IllegalStateException("it is broken");
    }
  }

  @Test
  void everyTurnIsRecordedWithThoughtActionObservationUsageAndTime() {
    Outcome outcome =
        run(
            task(10, Budget.UNLIMITED),
            turn ->
                turn == 0 ? call("I need the time", "tell_time") : AiMessage.from("It is noon."));
    assertThat(outcome).isEqualTo(Outcome.completed("It is noon."));
    Iteration first = live.getFirst();
    assertThat(first.thought()).isEqualTo("I need the time");
    assertThat(first.action().tool()).isEqualTo("tell_time");
    assertThat(first.observation()).isEqualTo("noon");
    assertThat(first.usage().inputTokens()).isEqualTo(100);
    assertThat(first.startedAt()).isEqualTo(NOW);
    assertThat(live).extracting(Iteration::index).containsExactly(0, 1);
  }

  @Test
  void whatAToolDoesWrongIsToldToTheModel() {
    run(
        task(10, Budget.UNLIMITED),
        turn ->
            switch (turn) {
              case 0 -> call("", "break");
              case 1 -> call("", "no_such_tool");
              default -> AiMessage.from("done");
            });
    assertThat(live.get(0).observation()).contains("it is broken");
    assertThat(live.get(1).observation()).contains("no tool no_such_tool").contains("tell_time");
  }

  @Test
  void whatAToolDoesWrongIsMarkedInItsSpanWithoutWhatWasSaid() {
    new Traces(TELEMETRY.getOpenTelemetry())
        .within(
            "test",
            SpanKind.INTERNAL,
            Attributes.empty(),
            span ->
                run(
                    task(10, Budget.UNLIMITED),
                    turn ->
                        switch (turn) {
                          case 0 -> call("", "break");
                          case 1 -> call("", "no_such_tool");
                          case 2 -> call("", "tell_time");
                          default -> AiMessage.from("done");
                        }));
    assertThat(TELEMETRY.getSpans())
        .filteredOn(span -> span.getName().startsWith("execute_tool"))
        .extracting(
            SpanData::getName,
            span -> span.getStatus().getStatusCode(),
            span -> span.getAttributes().get(AttributeKey.stringKey("error.type")))
        .containsExactly(
            tuple("execute_tool break", StatusCode.ERROR, "java.lang.IllegalStateException"),
            tuple("execute_tool unknown", StatusCode.ERROR, "unknown_tool"),
            tuple("execute_tool tell_time", StatusCode.UNSET, null));
    assertThat(TELEMETRY.getSpans().toString()).doesNotContain("it is broken");
  }

  @Test
  void theIterationLimitEndsAnEndlessLoop() {
    Outcome outcome = run(task(3, Budget.UNLIMITED), turn -> call("again", "tell_time"));
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).type()).isEqualTo("iteration_limit");
    assertThat(((Outcome.Failed) outcome).retryable()).isFalse();
    assertThat(live).hasSize(3);
  }

  @Test
  void theBudgetIsCheckedBeforeEachCall() {
    Outcome outcome = run(task(10, new Budget(200L, null)), turn -> call("again", "tell_time"));
    assertThat(((Outcome.Failed) outcome).type()).isEqualTo("budget_exhausted");
    assertThat(live).hasSize(2);
  }

  @Test
  void aModelThatIsBusyMayBeTriedAgainAndARefusalMayNot() {
    Outcome busy =
        run(
            task(3, Budget.UNLIMITED),
            turn -> {
              throw new RateLimitException("slow down");
            });
    assertThat(((Outcome.Failed) busy).retryable()).isTrue();
    Outcome refused =
        run(
            task(3, Budget.UNLIMITED),
            turn -> {
              throw new InvalidRequestException("no");
            });
    assertThat(((Outcome.Failed) refused).retryable()).isFalse();
  }

  private Outcome run(ClaimedTask task, Function<Integer, AiMessage> model) {
    int[] turn = {0};
    ChatModel scripted =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            return ChatResponse.builder()
                .aiMessage(model.apply(turn[0]++))
                .tokenUsage(new TokenUsage(100, 10))
                .build();
          }
        };
    ReasonActLoop loop =
        new ReasonActLoop(
            new MeteredModel(scripted, "scripted", Map.of()),
            t -> List.of(new Clock()),
            InstantSource.fixed(NOW));
    return loop.handle(new StepContext(task, live::add));
  }

  private static AiMessage call(String thought, String tool) {
    return AiMessage.from(
        thought,
        List.of(ToolExecutionRequest.builder().id("1").name(tool).arguments("{}").build()));
  }

  private static ClaimedTask task(int maxIterations, Budget budget) {
    return new ClaimedTask(
        "s",
        "tell the time",
        "researcher",
        List.of(),
        null,
        List.of(),
        Map.of(),
        null,
        3,
        Duration.ofMinutes(1),
        maxIterations,
        "w",
        1,
        15,
        List.of(),
        null,
        Map.of(),
        false,
        List.of(),
        budget,
        null);
  }
}
