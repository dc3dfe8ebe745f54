package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.tracing.Spans;
import io.agentmanager.worker.Approval;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * Carries out what a model asks for: side by side, once where it must be, approved where needed.
 */
final class Actions {
  private static final String UNKNOWN_END =
      "This call was announced by an earlier attempt, which was lost before it was known how the"
          + " call ended. It may or may not have had its effect, and it is not made again. Look"
          + " what became of it before you go on.";

  /** The question, the call, and the turn that makes something of it. */
  private static final int ROOM_FOR_AN_APPROVED_CALL = 3;

  private final StepContext step;
  private final Toolbox toolbox;
  private final Conversation conversation;
  private final InstantSource clock;
  private final int mostOfTheSame;
  private final List<Iteration.Action> unknownEnds = new ArrayList<>();
  private Iteration.@Nullable Action lastAction;
  private int sameInARow;

  Actions(
      StepContext step,
      Toolbox toolbox,
      Conversation conversation,
      InstantSource clock,
      int mostOfTheSame) {
    this.step = step;
    this.toolbox = toolbox;
    this.conversation = conversation;
    this.clock = clock;
    this.mostOfTheSame = mostOfTheSame;
  }

  /** One call, and the iteration that it is. */
  private record Planned(int index, ToolExecutionRequest call, Iteration.Action action) {}

  /** What a turn brings besides its calls. */
  private record Turn(String thought, Iteration.@Nullable TokenUsage usage, Instant began) {
    /** The first iteration of a turn tells what the turn cost. */
    Turn rest() {
      return new Turn("", null, began);
    }
  }

  /**
   * Takes over where an earlier attempt got, and makes the call that was approved meanwhile.
   *
   * @return how the step ends, if it does
   */
  Optional<Outcome> resume() throws InterruptedException {
    if (!step.checkpoint().isEmpty()) {
      step.carryOver();
      step.checkpoint().forEach(this::recall);
    }
    Optional<Approval> approved = step.approval().flatMap(this::toBeMade);
    return approved.isEmpty() ? Optional.empty() : makeApproved(approved.get());
  }

  private void recall(Iteration turn) {
    if (turn.action() != null) {
      countSame(turn.action());
    }
    if (turn.end() == Iteration.End.UNKNOWN && turn.action() != null) {
      unknownEnds.add(turn.action());
    }
    if (turn.action() == null || turn.observation() != null) {
      conversation.recall(turn);
      return;
    }
    unknownEnds.add(turn.action());
    Iteration ended = ended(turn);
    step.record(ended);
    conversation.recall(ended);
  }

  private static Iteration ended(Iteration turn) {
    return new Iteration(
        turn.index(),
        turn.thought(),
        turn.action(),
        UNKNOWN_END,
        turn.usage(),
        turn.startedAt(),
        turn.durationMs(),
        Iteration.End.UNKNOWN);
  }

  /** What was approved, unless an attempt before this one has begun it already. */
  private Optional<Approval> toBeMade(StepApproval approval) {
    Approval asked = Approval.of(approval.asked());
    boolean begun =
        asked.index() == null
            || step.checkpoint().stream().anyMatch(turn -> turn.index() == asked.index());
    return approval.decision() == ApprovalDecision.APPROVE && !begun && asked.tool() != null
        ? Optional.of(asked)
        : Optional.empty();
  }

  private Optional<Outcome> makeApproved(Approval asked) throws InterruptedException {
    if (!toolbox.has(Objects.requireNonNull(asked.tool()))) {
      return Optional.of(
          Outcome.failed(
              "missing_tool", "The tool " + asked.tool() + ", which was approved, is not there."));
    }
    ToolExecutionRequest call =
        ToolExecutionRequest.builder()
            .id("call-" + asked.index())
            .name(Objects.requireNonNull(asked.tool()))
            .arguments(asked.arguments() == null ? "{}" : asked.arguments().toString())
            .build();
    String thought = Objects.requireNonNullElse(asked.thought(), "");
    List<Planned> plan = plan(List.of(call));
    // Whoever approved it knows of the call before, if there was one.
    unknownEnds.remove(plan.getFirst().action());
    Turn turn = new Turn(thought, null, clock.instant());
    conversation.called(thought, List.of(call));
    Optional<Outcome> end = make(plan, turn);
    step.approval()
        .map(StepApproval::comment)
        .filter(comment -> !comment.isBlank())
        .ifPresent(
            comment -> conversation.told("The person who approved this call says: " + comment));
    return end;
  }

  /**
   * Carries out the calls of a turn.
   *
   * @return how the step ends, if it does
   */
  Optional<Outcome> carryOut(
      String thought,
      List<ToolExecutionRequest> calls,
      Iteration.@Nullable TokenUsage usage,
      Instant began)
      throws InterruptedException {
    List<Planned> plan = plan(calls);
    for (Planned planned : plan) {
      if (countSame(planned.action()) >= mostOfTheSame) {
        return Optional.of(sameAgain(planned, new Turn(thought, usage, began)));
      }
    }
    int free =
        (int) plan.stream().takeWhile(p -> toolbox.approval(p.call().name()).isEmpty()).count();
    if (free < plan.size()) {
      return askFirst(plan, free, new Turn(thought, usage, began));
    }
    conversation.called(thought, plan.stream().map(Actions::readable).toList());
    return make(plan, new Turn(thought, usage, began));
  }

  /** What comes before the question is done, and what comes after it the model may ask again. */
  private Optional<Outcome> askFirst(List<Planned> plan, int free, Turn turn)
      throws InterruptedException {
    int needed = plan.getFirst().index() + free + ROOM_FOR_AN_APPROVED_CALL;
    if (needed > step.task().maxIterations()) {
      record(plan.getFirst(), null, "Not asked: too few iterations are left.", turn);
      return Optional.of(
          Outcome.failedForGood(
              "iteration_limit",
              "Too few of "
                  + step.task().maxIterations()
                  + " iterations are left to call "
                  + plan.get(free).call().name()
                  + " after a person has agreed."));
    }
    List<Planned> before = plan.subList(0, free);
    if (!before.isEmpty()) {
      conversation.called(turn.thought(), before.stream().map(Actions::readable).toList());
      Optional<Outcome> end = make(before, turn);
      if (end.isPresent()) {
        return end;
      }
    } else if (turn.usage() != null) {
      record(
          new Planned(step.nextIndex(), plan.get(free).call(), plan.get(free).action()),
          null,
          "A person is asked for approval.",
          turn);
    }
    Planned asking = plan.get(free);
    return Optional.of(
        Outcome.awaitingApproval(
            new Approval(
                toolbox.approval(asking.call().name()).orElseThrow(),
                asking.call().name(),
                asking.action().arguments(),
                turn.thought(),
                step.nextIndex())));
  }

  /** Makes calls side by side; each is recorded as it ends. */
  private Optional<Outcome> make(List<Planned> plan, Turn turn) throws InterruptedException {
    // Who asks again, after having been told and having looked, may mean it.
    List<Planned> withheld = plan.stream().filter(p -> unknownEnds.remove(p.action())).toList();
    try {
      for (Planned planned : plan) {
        if (!withheld.contains(planned) && !toolbox.isRepeatable(planned.call().name())) {
          step.announce(iteration(planned, planned.action(), null, share(plan, planned, turn)));
        }
      }
    } catch (IOException e) {
      return Optional.of(
          Outcome.failed("lost", "An action could not be announced: " + e.getMessage()));
    }
    List<String> observations = observe(plan, withheld, turn);
    for (int i = 0; i < plan.size(); i++) {
      conversation.observed(readable(plan.get(i)), observations.get(i));
    }
    return Optional.empty();
  }

  private List<String> observe(List<Planned> plan, List<Planned> withheld, Turn turn)
      throws InterruptedException {
    if (plan.size() == 1) {
      return List.of(observe(plan.getFirst(), withheld, turn));
    }
    List<Callable<String>> work =
        plan.stream()
            .map(p -> Spans.current().carried(() -> observe(p, withheld, share(plan, p, turn))))
            .toList();
    List<String> observations = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<String> made : threads.invokeAll(work)) {
        observations.add(made.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw new InterruptedException("an action was interrupted");
      }
      throw new IllegalStateException(e.getCause());
    }
    return observations;
  }

  private String observe(Planned planned, List<Planned> withheld, Turn turn)
      throws InterruptedException {
    if (withheld.contains(planned)) {
      step.record(ended(iteration(planned, planned.action(), UNKNOWN_END, turn)));
      return UNKNOWN_END;
    }
    String observation = toolbox.run(planned.call().name(), planned.call().arguments());
    record(planned, planned.action(), observation, turn);
    return observation;
  }

  private void record(
      Planned planned, Iteration.@Nullable Action action, String observation, Turn turn) {
    step.record(iteration(planned, action, observation, turn));
  }

  private Iteration iteration(
      Planned planned, Iteration.@Nullable Action action, @Nullable String observation, Turn turn) {
    return new Iteration(
        planned.index(),
        turn.thought(),
        action,
        observation,
        turn.usage(),
        turn.began(),
        observation == null ? null : since(turn.began()));
  }

  long since(Instant began) {
    return Math.max(0, Duration.between(began, clock.instant()).toMillis());
  }

  private static Turn share(List<Planned> plan, Planned planned, Turn turn) {
    return planned == plan.getFirst() ? turn : turn.rest();
  }

  private Outcome sameAgain(Planned planned, Turn turn) {
    record(planned, planned.action(), "Not carried out: it is the same again.", turn);
    return Outcome.failedForGood(
        "repeated_action",
        "The model asked for "
            + planned.call().name()
            + " with the same arguments "
            + mostOfTheSame
            + " times in a row.");
  }

  /** How often in a row this action was asked for now. */
  private int countSame(Iteration.Action action) {
    sameInARow = action.equals(lastAction) ? sameInARow + 1 : 1;
    lastAction = action;
    return sameInARow;
  }

  private List<Planned> plan(List<ToolExecutionRequest> calls) {
    int first = step.nextIndex();
    return IntStream.range(0, calls.size())
        .mapToObj(i -> new Planned(first + i, calls.get(i), action(calls.get(i))))
        .toList();
  }

  /** Some providers read the arguments of a call that they are shown again. */
  private static ToolExecutionRequest readable(Planned planned) {
    return Toolbox.object(planned.call().arguments()) != null
        ? planned.call()
        : ToolExecutionRequest.builder()
            .id(planned.call().id())
            .name(planned.call().name())
            .arguments("{}")
            .build();
  }

  private static Iteration.Action action(ToolExecutionRequest call) {
    JsonNode arguments = Toolbox.object(call.arguments());
    return new Iteration.Action(
        call.name(), arguments == null ? StringNode.valueOf(call.arguments()) : arguments);
  }
}
