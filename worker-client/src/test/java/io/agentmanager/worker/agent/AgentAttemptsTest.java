package io.agentmanager.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.Approval;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.testing.ScriptedModel;
import io.agentmanager.worker.testing.TestServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lasts from one attempt to the next: turns, announcements, questions and notes. */
class AgentAttemptsTest extends AgentScene {
  @Test
  void theNextAttemptGoesOnFromTheLastFinishedIterationAndPaysForNoneAgain() throws Exception {
    model
        .calls("first", "read", "{\"page\":1}")
        .calls("second", "read", "{\"page\":2}")
        .then(
            request -> {
              throw new RateLimitException("the machine died here");
            });
    run(aStep());
    List<Iteration> left = List.copyOf(live);
    assertThat(left).hasSize(2);
    live.clear();
    ScriptedModel next = new ScriptedModel().answers("both pages");
    Outcome outcome =
        agent(next).build().handle(new StepContext(aStep().after(left).task(), live::add, clock));
    assertThat(outcome).isEqualTo(Outcome.completed("both pages"));
    // Two of three turns are not asked again: 220 tokens of 330.
    assertThat(next.requests()).hasSize(1);
    assertThat(tokens(live)).isEqualTo(110);
    assertThat(tokens(left)).isEqualTo(220);
    assertThat(shownBy(next, 0)).startsWith("page 2");
    // An audit judges an attempt by its own history: what was taken over stands in it, paid for.
    assertThat(live).extracting(Iteration::index).containsExactly(0, 1, 2);
    assertThat(live.get(0).observation()).isEqualTo(left.get(0).observation());
    assertThat(live.get(0).usage()).isNull();
  }

  @Test
  void theIterationsOfEarlierAttemptsCountTowardsTheLimit() throws Exception {
    model.calls("", "read", "{\"page\":1}").calls("", "read", "{\"page\":2}");
    run(aStep().maxIterations(2));
    ScriptedModel next = new ScriptedModel();
    Outcome outcome =
        agent(next)
            .build()
            .handle(
                new StepContext(
                    aStep().maxIterations(2).after(List.copyOf(live)).task(), live::add, clock));
    assertThat(failure(outcome).type()).isEqualTo("iteration_limit");
    assertThat(next.requests()).isEmpty();
  }

  @Test
  void aCallThatMustNotBeRepeatedIsAnnouncedBeforeItIsMade() throws Exception {
    List<Integer> sentWhenTold = new ArrayList<>();
    model.calls("now", "send", "{\"to\":\"Ann\"}").answers("sent");
    agent()
        .build()
        .handle(
            new StepContext(
                aStep().task(),
                iteration -> {
                  live.add(iteration);
                  sentWhenTold.add(tools.sent.get());
                }));
    assertThat(live.get(0).observation()).isNull();
    assertThat(live.get(1).observation()).isEqualTo("sent to Ann");
    assertThat(live.get(0).index()).isEqualTo(live.get(1).index());
    assertThat(sentWhenTold).startsWith(0, 1);
  }

  @Test
  void aCallThatMustNotBeRepeatedIsNotMadeByAnAttemptThatIsOver(@TempDir Path folder)
      throws Exception {
    try (TestServer server = TestServer.start()) {
      model
          .then(
              request -> {
                server.loseLeases();
                return AiMessage.from(List.of(model.call("send", "{\"to\":\"ann\"}")));
              })
          .answers("nothing was sent");
      WorkerConfig config = server.config("w", 1, "mailer").withSpool(folder);
      try (Worker worker = Worker.builder(config).handler("mailer", agent().build()).start()) {
        String id = server.submit(StepSpec.of("s", "Send it", "mailer", List.of()));
        assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
            .isEqualTo("nothing was sent");
      }
    }
    assertThat(tools.sent).hasValue(0);
  }

  @Test
  void aCallThatWasAnnouncedAndMayHaveBeenMadeIsNotMadeAgain() throws Exception {
    Iteration announced =
        new Iteration(
            0,
            "now",
            new Iteration.Action("send", WireJson.mapper().readTree("{\"to\":\"Ann\"}")),
            null,
            new Iteration.TokenUsage(100, 10, null),
            NOW,
            null);
    // The model insists on the same call, and is told again.
    model.calls("again", "send", "{\"to\":\"Ann\"}").answers("it may have been sent");
    run(aStep().after(List.of(announced)));
    assertThat(tools.sent).hasValue(0);
    assertThat(shown(0)).contains("announced by an earlier attempt").contains("not made again");
    assertThat(observations()).allSatisfy(o -> assertThat(o).contains("It may or may not have"));
    assertThat(live.getFirst().usage()).as("paid for once").isNull();

    // Of two at once one is withheld, and the other, which is meant, is announced before it is
    // made.
    live.clear();
    model
        .callsAll(
            "twice",
            List.of(model.call("send", "{\"to\":\"Ann\"}"), model.call("send", "{\"to\":\"Ann\"}")))
        .answers("sent");
    Agent lenient = agent().limits(new AgentLimits(60_000, 20_000, 3, 9)).build();
    lenient.handle(new StepContext(aStep().after(List.of(announced)).task(), live::add, clock));
    assertThat(tools.sent).hasValue(1);
    assertThat(live).filteredOn(turn -> turn.observation() == null).hasSize(1);
    tools.sent.set(0);

    // Nor by the attempt after that.
    model.calls("again", "send", "{\"to\":\"Ann\"}").answers("it may have been sent");
    Iteration told =
        new Iteration(
            0, "now", announced.action(), "in any words", null, NOW, 1L, Iteration.End.UNKNOWN);
    run(aStep().after(List.of(told)));
    assertThat(tools.sent).hasValue(0);
  }

  @Test
  void afterAnAuditTheAgentHasItsOldAnswerAndTheNotes() throws Exception {
    model.answers("better");
    run(aStep().sentBack("poor", "Name the source."));
    String asked = ((UserMessage) model.requests().getFirst().messages().get(1)).singleText();
    assertThat(asked).contains("poor").contains("Name the source.");
  }

  @Test
  void aToolThatNeedsApprovalIsAskedForAndCalledOnceWhenItIsGiven() throws Exception {
    model.calls("it is due", "pay", "{\"amount\":7}");
    Approval asked = ((Outcome.AwaitingApproval) run(aStep())).approval();
    assertThat(asked.question()).isEqualTo("May this be paid?");
    assertThat(asked.tool()).isEqualTo("pay");
    assertThat(tools.sent).hasValue(0);
    List<Iteration> left = List.copyOf(live);
    StepApproval yes = answer(asked, "go ahead");

    model.answers("paid 7 euros");
    assertThat(run(aStep().after(left).approval(yes))).isEqualTo(Outcome.completed("paid 7 euros"));
    assertThat(tools.sent).hasValue(1);
    List<ChatMessage> told = model.requests().getLast().messages();
    assertThat(told.toString()).contains("paid 7").contains("go ahead");

    // Another attempt that finds the approved call in its checkpoint does not make it again.
    model.answers("paid 7 euros");
    run(aStep().after(List.copyOf(live)).approval(yes));
    assertThat(tools.sent).hasValue(1);
  }

  @Test
  void whatComesBeforeAQuestionIsDoneAndItsCostIsTold() throws Exception {
    model.callsAll(
        "both", List.of(model.call("tell_time", "{}"), model.call("pay", "{\"amount\":7}")));
    Outcome.AwaitingApproval waiting = (Outcome.AwaitingApproval) run(aStep());
    assertThat(observations()).containsExactly("noon");
    assertThat(tokens(live)).isEqualTo(110);
    assertThat(waiting.approval().index()).isEqualTo(1);
  }
}
