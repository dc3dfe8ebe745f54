package io.agentmanager.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.tracing.OpenTelemetrySpans;
import io.agentmanager.tracing.Spans;
import io.agentmanager.worker.InvalidStepException;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.testing.TestStep;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("its spans go to the OpenTelemetry of the process")
class AgentTest extends AgentScene {
  @RegisterExtension
  private static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

  @Test
  void everyTurnIsRecordedWithThoughtActionObservationUsageAndTime() throws Exception {
    model.calls("I need the time", "tell_time", "{}").answers("It is noon.");
    assertThat(run(aStep())).isEqualTo(Outcome.completed("It is noon."));
    Iteration first = live.getFirst();
    assertThat(first.thought()).isEqualTo("I need the time");
    assertThat(action(first).tool()).isEqualTo("tell_time");
    assertThat(first.observation()).isEqualTo("noon");
    assertThat(usage(first).inputTokens()).isEqualTo(100);
    assertThat(first.startedAt()).isEqualTo(NOW);
    assertThat(live).extracting(Iteration::index).containsExactly(0, 1);
  }

  @Test
  void theAgentIsToldItsRulesItsInstructionsAndTheStep() throws Exception {
    model.answers("done");
    Agent agent = Agent.builder(model).instructions("You are terse.").build();
    TestStep step = TestStep.of("s", "Say it").input("{\"a\":1}").result("first", "one");
    assertThat(agent.handle(new StepContext(step.task(), live::add, clock)))
        .isEqualTo(Outcome.completed("done"));
    List<ChatMessage> said = model.requests().getFirst().messages();
    assertThat(((SystemMessage) said.get(0)).text()).contains("one step").contains("terse");
    assertThat(((UserMessage) said.get(1)).singleText())
        .contains("Say it")
        .contains("{\"a\":1}")
        .contains("## first\none");
  }

  @Test
  void callsOfOneTurnRunSideBySideAndAreToldInTheirOrder() throws Exception {
    model
        .callsAll(
            "both at once",
            List.of(
                model.call("meet", "{\"who\":\"Ann\"}"), model.call("meet", "{\"who\":\"Bob\"}")))
        .answers("they met");
    assertThat(run(aStep())).isEqualTo(Outcome.completed("they met"));
    assertThat(observations()).containsExactly("Ann met", "Bob met");
    assertThat(live).extracting(Iteration::index).containsExactlyInAnyOrder(0, 1, 2);
    assertThat(live.stream().filter(i -> i.usage() != null)).hasSize(2);
  }

  @Test
  void whatAToolDoesWrongIsToldToTheModel() throws Exception {
    model
        .calls("", "break", "{}")
        .calls("", "no_such_tool", "{}")
        .calls("", "read", "not JSON")
        .answers("done");
    run(aStep());
    assertThat(live.get(0).observation()).contains("it is broken");
    assertThat(live.get(1).observation()).contains("no tool no_such_tool").contains("tell_time");
    assertThat(live.get(2).observation()).contains("not a JSON object");
  }

  @Test
  void whatAToolDoesWrongIsMarkedInItsSpanWithoutWhatWasSaid() throws Exception {
    model
        .calls("", "break", "{}")
        .calls("", "gone", "{}")
        .calls("", "tell_time", "{}")
        .answers("d");
    new OpenTelemetrySpans(TELEMETRY.getOpenTelemetry())
        .<Outcome, Exception>within("test", Spans.Kind.INTERNAL, Map.of(), span -> run(aStep()));
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
  void ofALongResultThatItBuildsOnTheModelIsShownAnExcerpt() throws Exception {
    model.answers("done");
    run(TestStep.of("s", "Say it").result("first", "y".repeat(50_000)));
    String asked = ((UserMessage) model.requests().getFirst().messages().get(1)).singleText();
    assertThat(asked).contains("## first").contains("of 50,000 characters are left out");
  }

  @Test
  void aLongObservationIsCutForTheModelAndKeptWholeInTheHistory() throws Exception {
    model.calls("", "read", "{\"page\":7}").answers("read");
    Agent agent = agent().limits(new AgentLimits(60_000, 200, 3, 3)).build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("read"));
    assertThat(observations().getFirst()).hasSize(3_007);
    assertThat(shown(1))
        .startsWith("page 7 xxx")
        .contains("[... 2,807 of 3,007 characters are left out here");
  }

  @Test
  void toolsThatCannotBeUsedAreToldAtTheStart() {
    assertThatThrownBy(() -> Agent.builder(model).tools(new Object()))
        .hasMessageContaining("no method with @Tool");
    assertThatThrownBy(() -> Agent.builder(model).tools(new Tools(), new Tools()))
        .hasMessageContaining("two tools are named");
    assertThatThrownBy(() -> agent().needsApproval("tiem").build())
        .hasMessageContaining("needsApproval names [tiem]; the agent's tools are [");
    assertThatThrownBy(() -> agent().notRepeatable("tiem").build())
        .hasMessageContaining("notRepeatable names [tiem]");
    assertThatThrownBy(() -> Agent.builder(model).tools(new NoSuchFile()))
        .hasMessageContaining("has @UsesFile(\"pth\"), and its arguments are [path]");
  }

  @Test
  void toolsOfOneNameThatComeWithAStepFailItForGood() {
    Agent twice = agent().toolsFor(step -> List.of(new Tools())).build();
    assertThatThrownBy(() -> twice.handle(new StepContext(aStep().task(), live::add, clock)))
        .isInstanceOf(InvalidStepException.class)
        .hasMessageContaining("two tools are named");
  }

  /** The file that it says it uses is none of its arguments. */
  static final class NoSuchFile {
    @Tool("Writes")
    @UsesFile("pth")
    String write(@P(name = "path", value = "where") String path) {
      return path;
    }
  }
}
