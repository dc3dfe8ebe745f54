package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.worker.Approval;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.agent.Calls.Planned;
import io.agentmanager.worker.agent.Calls.Turn;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what a model asks for: side by side, once where it must be, approved where needed.
 */
final class Actions {
  /** The question, the call, and the turn that makes something of it. */
  private static final int ROOM_FOR_AN_APPROVED_CALL = 3;

  private final StepContext step;
  private final Toolbox toolbox;
  private final Conversation conversation;
  private final Calls calls;
  private final int mostOfTheSame;
  private Iteration.@Nullable Action lastAction;
  private int sameInARow;

  Actions(
      StepContext step,
      Toolbox toolbox,
      Conversation conversation,
      Calls calls,
      int mostOfTheSame) {
    this.step = step;
    this.toolbox = toolbox;
    this.conversation = conversation;
    this.calls = calls;
    this.mostOfTheSame = mostOfTheSame;
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
      calls.withhold(turn.action());
    }
    if (turn.action() == null || turn.observation() != null) {
      conversation.recall(turn);
      return;
    }
    calls.withhold(turn.action());
    // Whoever announced it has told what its turn cost.
    conversation.recall(calls.endUnknown(StepContext.paid(turn)));
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
    List<Planned> plan = calls.plan(List.of(call));
    // Whoever approved it knows of the call before, if there was one.
    calls.withholdNot(plan.getFirst().action());
    Turn turn = calls.turn(thought);
    conversation.called(thought, List.of(call));
    Optional<Outcome> end = calls.make(plan, turn);
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
      List<ToolExecutionRequest> wanted,
      Iteration.@Nullable TokenUsage usage,
      Instant began)
      throws InterruptedException {
    List<Planned> plan = calls.plan(wanted);
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
    conversation.called(thought, plan.stream().map(Planned::readable).toList());
    return calls.make(plan, new Turn(thought, usage, began));
  }

  /** What comes before the question is done, and what comes after it the model may ask again. */
  private Optional<Outcome> askFirst(List<Planned> plan, int free, Turn turn)
      throws InterruptedException {
    int needed = plan.getFirst().index() + free + ROOM_FOR_AN_APPROVED_CALL;
    if (needed > step.task().maxIterations()) {
      calls.record(plan.getFirst(), null, "Not asked: too few iterations are left.", turn);
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
      conversation.called(turn.thought(), before.stream().map(Planned::readable).toList());
      Optional<Outcome> end = calls.make(before, turn);
      if (end.isPresent()) {
        return end;
      }
    } else if (turn.usage() != null) {
      calls.record(
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

  private Outcome sameAgain(Planned planned, Turn turn) {
    calls.record(planned, planned.action(), "Not carried out: it is the same again.", turn);
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
}
