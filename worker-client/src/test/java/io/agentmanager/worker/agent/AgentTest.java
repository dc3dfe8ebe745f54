package io.agentmanager.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.models.Price;
import io.agentmanager.tracing.OpenTelemetrySpans;
import io.agentmanager.tracing.Spans;
import io.agentmanager.worker.Approval;
import io.agentmanager.worker.InvalidStepException;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.testing.ScriptedModel;
import io.agentmanager.worker.testing.SettableClock;
import io.agentmanager.worker.testing.TestServer;
import io.agentmanager.worker.testing.TestStep;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.node.ObjectNode;

@Isolated("its spans go to the OpenTelemetry of the process")
class AgentTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String NUMBER = "{\"type\":\"object\",\"required\":[\"sum\"]}";

  @RegisterExtension
  private static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

  private final List<Iteration> live = new CopyOnWriteArrayList<>();
  private final ScriptedModel model = new ScriptedModel();
  private final Tools tools = new Tools();
  private final SettableClock clock = new SettableClock(NOW);

  /** Tools as an application writes them. */
  public static final class Tools {
    final AtomicInteger sent = new AtomicInteger();
    final CyclicBarrier both = new CyclicBarrier(2);

    @Tool(name = "tell_time", value = "Tells the time")
    public String tellTime() {
      return "noon";
    }

    @Tool(name = "read", value = "Reads a page")
    public String read(@P(name = "page", value = "its number") int page) {
      return "page " + page + " " + "x".repeat(3_000);
    }

    @Tool(name = "break", value = "Breaks")
    public String breaks() {
      throw new IllegalStateException("it is broken");
    }

    @Tool(name = "meet", value = "Returns when two calls are under way")
    public String meet(@P(name = "who", value = "a name") String who)
        throws InterruptedException, BrokenBarrierException, TimeoutException {
      both.await(10, TimeUnit.SECONDS);
      return who + " met";
    }

    @NotRepeatable
    @Tool(name = "send", value = "Sends a mail")
    public String send(@P(name = "to", value = "whom") String to) {
      sent.incrementAndGet();
      return "sent to " + to;
    }

    @NeedsApproval("May this be paid?")
    @Tool(name = "pay", value = "Pays")
    public String pay(@P(name = "amount", value = "in euros") int amount) {
      sent.incrementAndGet();
      return "paid " + amount;
    }
  }

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
  void ofALongResultThatItBuildsOnTheModelIsShownAnExcerpt() throws Exception {
    model.answers("done");
    run(TestStep.of("s", "Say it").result("first", "y".repeat(50_000)));
    String asked = ((UserMessage) model.requests().getFirst().messages().get(1)).singleText();
    assertThat(asked).contains("## first").contains("of 50,000 characters are left out");
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

  @Test
  void anAnswerThatDoesNotFitItsSchemaIsRepaired() throws Exception {
    model.answers("three").answers("{\"total\":3}").answers("```json\n{\"sum\":3}\n```");
    assertThat(run(aStep().schema(NUMBER))).isEqualTo(Outcome.completed("{\"sum\":3}"));
    assertThat(live).hasSize(3);
    assertThat(live.get(0).observation()).contains("must be JSON and nothing else");
    assertThat(live.get(1).observation()).contains("sum");
    assertThat(((UserMessage) model.requests().getFirst().messages().get(1)).singleText())
        .contains("JSON Schema");
  }

  @Test
  void anAnswerThatIsNeverMendedFailsWithTheFault() throws Exception {
    model.answers("1").answers("2").answers("3").answers("4");
    Outcome.Failed failed = failure(run(aStep().schema(NUMBER)));
    assertThat(failed.type()).isEqualTo("invalid_answer");
    assertThat(failed.retryable()).isTrue();
    assertThat(failed.message()).contains("3 tries").contains("JSON Schema");
  }

  @Test
  void anEmptyAnswerIsAskedForAgain() throws Exception {
    model.answers(" ").answers("there");
    assertThat(run(aStep())).isEqualTo(Outcome.completed("there"));
  }

  @Test
  void anAnswerThatWasCutOffIsNoAnswer() throws Exception {
    AtomicInteger turn = new AtomicInteger();
    Agent agent =
        Agent.builder(
                new ChatModel() {
                  @Override
                  public ChatResponse doChat(ChatRequest request) {
                    boolean first = turn.getAndIncrement() == 0;
                    return ChatResponse.builder()
                        .aiMessage(AiMessage.from(first ? "It is a long st" : "Short."))
                        .finishReason(first ? FinishReason.LENGTH : FinishReason.STOP)
                        .build();
                  }
                })
            .build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("Short."));
    assertThat(live.getFirst().observation()).contains("cut off");
  }

  @Test
  void aModelThatIsBusyMayBeTriedAgainAndARefusalMayNot() throws Exception {
    model.then(
        request -> {
          throw new RateLimitException("slow down");
        });
    assertThat(failure(run(aStep())).retryable()).isTrue();
    model.then(
        request -> {
          throw new InvalidRequestException("no");
        });
    assertThat(failure(run(aStep())).retryable()).isFalse();
  }

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

  @Test
  void aModelWithoutToolCallsAsksInText() throws Exception {
    model
        .answers(
            "Thought: I need two pages\nAction: read\nArguments: {\"page\": 1}\n"
                + "Action: read\nArguments: {\"page\": 2}")
        .answers("Thought: I know\nAnswer: Two pages:\nAction: none of this is a call");
    Agent agent = agent().textProtocol().build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("Two pages:\nAction: none of this is a call"));
    ChatRequest second = model.requests().get(1);
    assertThat(second.toolSpecifications()).isNullOrEmpty();
    assertThat(((SystemMessage) second.messages().getFirst()).text()).contains("tell_time");
    assertThat(second.messages().toString()).contains("Observation: page 1");
    assertThat(second.messages())
        .noneMatch(ToolExecutionResultMessage.class::isInstance)
        .noneMatch(m -> m instanceof AiMessage said && said.hasToolExecutionRequests());
  }

  @Test
  void whateverIsNotInTheTextualFormIsSentBackWithTheReason() throws Exception {
    model
        .answers("I will just look.")
        .answers("Thought: look\nAction: read")
        .answers("Thought: look\nAction: read\nArguments: page 1")
        .answers("Thought: enough\nAnswer: done");
    Agent agent = agent().textProtocol().build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("done"));
    assertThat(observations().get(0)).contains("Begin with \"Thought:\"");
    assertThat(observations().get(1)).contains("comes \"Arguments:\"");
    assertThat(observations().get(2)).contains("not a JSON object: page 1");
  }

  @Test
  void aStreamingModelAnswersLikeAnyOther() throws Exception {
    StreamingChatModel streaming =
        new StreamingChatModel() {
          @Override
          public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            handler.onPartialResponse("It is ");
            handler.onPartialResponse("noon.");
            handler.onCompleteResponse(
                ChatResponse.builder()
                    .aiMessage(AiMessage.from("It is noon."))
                    .tokenUsage(new TokenUsage(5, 2))
                    .build());
          }
        };
    Outcome outcome =
        Agent.builder(streaming).build().handle(new StepContext(aStep().task(), live::add, clock));
    assertThat(outcome).isEqualTo(Outcome.completed("It is noon."));
    assertThat(usage(live.getFirst()).inputTokens()).isEqualTo(5);
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

  private Agent.Builder agent() {
    return agent(model);
  }

  private Agent.Builder agent(ScriptedModel with) {
    return Agent.builder(with).tools(tools);
  }

  private Outcome run(TestStep step) throws Exception {
    return agent().build().handle(new StepContext(step.task(), live::add, clock));
  }

  private static TestStep aStep() {
    return TestStep.of("s", "Tell the time");
  }

  private static StepApproval answer(Approval asked, String comment) {
    ObjectNode json = WireJson.mapper().valueToTree(asked);
    return new StepApproval(1, json, NOW, ApprovalDecision.APPROVE, comment, "ann", NOW);
  }

  private static Outcome.Failed failure(Outcome outcome) {
    return (Outcome.Failed) outcome;
  }

  private List<String> observations() {
    return live.stream()
        .filter(i -> i.action() != null || (i.observation() != null && !i.observation().isEmpty()))
        .sorted(Comparator.comparingInt(Iteration::index))
        .map(i -> Objects.requireNonNull(i.observation()))
        .toList();
  }

  private String shown(int request) {
    return shownBy(model, request);
  }

  private static String shownBy(ScriptedModel model, int request) {
    return model.requests().get(request).messages().stream()
        .filter(ToolExecutionResultMessage.class::isInstance)
        .map(message -> ((ToolExecutionResultMessage) message).text())
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  private static long tokens(List<Iteration> iterations) {
    return iterations.stream()
        .map(Iteration::usage)
        .filter(Objects::nonNull)
        .mapToLong(usage -> usage.inputTokens() + usage.outputTokens())
        .sum();
  }

  private static Iteration.Action action(Iteration iteration) {
    return Objects.requireNonNull(iteration.action());
  }

  private static Iteration.TokenUsage usage(Iteration iteration) {
    return Objects.requireNonNull(iteration.usage());
  }
}
