package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.Approval;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.testing.ScriptedModel;
import io.agentmanager.worker.testing.SettableClock;
import io.agentmanager.worker.testing.TestStep;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.node.ObjectNode;

/** An agent with a scripted model, the tools of an application, and a clock that stands still. */
abstract class AgentScene {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  final List<Iteration> live = new CopyOnWriteArrayList<>();
  final ScriptedModel model = new ScriptedModel();
  final Tools tools = new Tools();
  final SettableClock clock = new SettableClock(NOW);

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
      both.await(30, TimeUnit.SECONDS);
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

  Agent.Builder agent() {
    return agent(model);
  }

  Agent.Builder agent(ScriptedModel with) {
    return Agent.builder(with).tools(tools);
  }

  Outcome run(TestStep step) throws Exception {
    return agent().build().handle(new StepContext(step.task(), live::add, clock));
  }

  static TestStep aStep() {
    return TestStep.of("s", "Tell the time");
  }

  static StepApproval answer(Approval asked, String comment) {
    ObjectNode json = WireJson.mapper().valueToTree(asked);
    return new StepApproval(1, json, NOW, ApprovalDecision.APPROVE, comment, "ann", NOW);
  }

  static Outcome.Failed failure(Outcome outcome) {
    return (Outcome.Failed) outcome;
  }

  List<String> observations() {
    return live.stream()
        .filter(i -> i.action() != null || (i.observation() != null && !i.observation().isEmpty()))
        .sorted(Comparator.comparingInt(Iteration::index))
        .map(i -> Objects.requireNonNull(i.observation()))
        .toList();
  }

  String shown(int request) {
    return shownBy(model, request);
  }

  static String shownBy(ScriptedModel model, int request) {
    return model.requests().get(request).messages().stream()
        .filter(ToolExecutionResultMessage.class::isInstance)
        .map(message -> ((ToolExecutionResultMessage) message).text())
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  static long tokens(List<Iteration> iterations) {
    return iterations.stream()
        .map(Iteration::usage)
        .filter(Objects::nonNull)
        .mapToLong(usage -> usage.inputTokens() + usage.outputTokens())
        .sum();
  }

  static Iteration.Action action(Iteration iteration) {
    return Objects.requireNonNull(iteration.action());
  }

  static Iteration.TokenUsage usage(Iteration iteration) {
    return Objects.requireNonNull(iteration.usage());
  }
}
