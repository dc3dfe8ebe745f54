package io.agentmanager.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.agentmanager.models.Price;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ends an agent that would go on. */
class AgentBrakesTest extends AgentScene {
  @Test
  void theIterationLimitEndsAnEndlessLoop() throws Exception {
    model.calls("", "read", "{\"page\":1}").calls("", "read", "{\"page\":2}");
    assertThat(run(aStep().maxIterations(2)))
        .isEqualTo(Outcome.failedForGood("iteration_limit", "No answer within 2 iterations."));
    assertThat(live).hasSize(2);
  }

  @Test
  void moreActionsThanIterationsAreLeftAreNotCarriedOut() throws Exception {
    model.callsAll(
        "", List.of(model.call("read", "{\"page\":1}"), model.call("read", "{\"page\":2}")));
    assertThat(failure(run(aStep().maxIterations(1))).message())
        .isEqualTo("The model asked for 2 actions with 1 of 1 iterations left.");
    assertThat(tokens(live)).as("the turn was paid").isEqualTo(110);
    assertThat(live).allMatch(turn -> turn.action() == null);
  }

  @Test
  void aCallThatWouldGoBeyondTheBudgetIsNotMade() throws Exception {
    model.calls("", "tell_time", "{}").answers("too dear");
    Outcome.Failed failed = failure(run(aStep().budget(220L, null)));
    assertThat(failed.type()).isEqualTo("budget_exhausted");
    assertThat(failed.retryable()).isFalse();
    assertThat(failed.message()).contains("110 of 220 tokens are used");
    assertThat(model.requests()).hasSize(1);
  }

  @Test
  void anAnswerMayBeNoLongerThanTheBudgetLeaves() throws Exception {
    model.answers("short");
    run(aStep().budget(1_000L, null));
    Integer most = model.requests().getFirst().maxOutputTokens();
    assertThat(most).isPositive().isLessThan(1_000);
  }

  @Test
  void aBudgetInDollarsNeedsAModelWhosePriceIsKnown() throws Exception {
    Outcome.Failed failed = failure(run(aStep().budget(null, 1.0)));
    assertThat(failed.type()).isEqualTo("unknown_price");
    assertThat(model.requests()).isEmpty();
  }

  @Test
  void theTimeOfTheStepEndsItBeforeAnotherCall() throws Exception {
    model
        .then(
            request -> {
              clock.advance(Duration.ofMinutes(2));
              return AiMessage.from(List.of(model.call("tell_time", "{}")));
            })
        .answers("too late");
    Outcome.Failed failed = failure(run(aStep().timeout(Duration.ofMinutes(1))));
    assertThat(failed.type()).isEqualTo("timeout");
    assertThat(failed.message()).contains("PT1M");
    assertThat(model.requests()).hasSize(1);
    assertThat(live).as("what the late turn came to is kept").hasSize(1);
  }

  @Test
  void theCostIsCheckedBeforeACallByTheModelsPrice() throws Exception {
    model.calls("", "tell_time", "{}").answers("too dear");
    Agent agent = agent().modelName("dear").price(new Price(1_000, 1_000)).build();
    Outcome.Failed failed =
        failure(agent.handle(new StepContext(aStep().budget(null, 0.22).task(), live::add, clock)));
    assertThat(failed.type()).isEqualTo("budget_exhausted");
    assertThat(failed.message()).contains("$0.1100 of $0.2200");
    assertThat(usage(live.getFirst()).costUsd()).isEqualTo(0.11);
  }

  @Test
  void aModelThatDoesNotSayWhatItUsesIsHeldToTheBudgetByLength() throws Exception {
    ChatModel silent =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            String page = "{\"page\":" + request.messages().size() + "}";
            return ChatResponse.builder()
                .aiMessage(AiMessage.from(List.of(model.call("read", page))))
                .build();
          }
        };
    Agent agent = Agent.builder(silent).tools(tools).build();
    Outcome.Failed failed =
        failure(
            agent.handle(new StepContext(aStep().budget(4_000L, null).task(), live::add, clock)));
    assertThat(failed.type()).isEqualTo("budget_exhausted");
    assertThat(live).hasSizeBetween(1, 6);
    assertThat(usage(live.getLast()).estimated()).isTrue();
    assertThat(usage(live.getLast()).inputTokens()).isGreaterThan(500);
  }

  @Test
  void theSameActionThreeTimesInARowEndsTheStep() throws Exception {
    for (int i = 0; i < 3; i++) {
      model.calls("", "tell_time", "{ }");
    }
    Outcome.Failed failed = failure(run(aStep()));
    assertThat(failed)
        .isEqualTo(
            Outcome.failedForGood(
                "repeated_action",
                "The model asked for tell_time with the same arguments 3 times in a row."));
    assertThat(observations()).startsWith("noon", "noon").last().asString().contains("Not carried");
  }

  @Test
  void otherArgumentsAreAnotherAction() throws Exception {
    model
        .calls("", "read", "{\"page\":1}")
        .calls("", "read", "{\"page\":1}")
        .calls("", "read", "{\"page\":2}")
        .calls("", "read", "{\"page\":1}")
        .answers("read");
    assertThat(run(aStep())).isEqualTo(Outcome.completed("read"));
  }

  @Test
  void olderObservationsAreCondensedWhenTheConversationGrows() throws Exception {
    for (int page = 0; page < 6; page++) {
      model.calls("", "read", "{\"page\":" + page + "}");
    }
    model.answers("read them all");
    Agent agent = agent().limits(new AgentLimits(2_500, 20_000, 3, 3)).build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("read them all"));
    List<String> last =
        model.requests().getLast().messages().stream()
            .filter(ToolExecutionResultMessage.class::isInstance)
            .map(message -> ((ToolExecutionResultMessage) message).text())
            .toList();
    assertThat(last.getFirst())
        .hasSizeLessThan(500)
        .startsWith("page 0")
        .contains("2,707 of 3,007 characters are left out");
    assertThat(last.getLast()).hasSize(3_007);
  }

  @Test
  void aConversationThatCannotBeCondensedEnoughEndsTheStep() throws Exception {
    model.callsAll(
        "", List.of(model.call("read", "{\"page\":1}"), model.call("read", "{\"page\":2}")));
    Agent agent = agent().limits(new AgentLimits(1_000, 20_000, 3, 3)).build();
    Outcome.Failed failed =
        failure(agent.handle(new StepContext(aStep().task(), live::add, clock)));
    assertThat(failed.type()).isEqualTo("context_limit");
    assertThat(failed.message()).contains("it may have 1000");
  }
}
