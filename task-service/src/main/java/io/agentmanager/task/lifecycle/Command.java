package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.id.StepId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that can be asked of a workflow. */
public sealed interface Command {

  /** A command about one attempt at one step; the attempt is the fencing token. */
  sealed interface OfAttempt extends Command {
    /** The step. */
    StepId step();

    /** The attempt that the sender believes to be running. */
    int attempt();
  }

  /** The plan is there: the steps, none of them begun. */
  record Admit(List<StepState> steps) implements Command {}

  /** There will be no plan. */
  record FailPlanning(StepError error) implements Command {}

  /** The attempt came to a result. */
  record Succeed(StepId step, int attempt) implements OfAttempt {}

  /** The attempt ended without a result. */
  record Fail(StepId step, int attempt, StepError error) implements OfAttempt {}

  /** The worker was not heard of for a whole lease. */
  record LoseLease(StepId step, int attempt) implements OfAttempt {}

  /** The worker gives the step back, or never got it: no attempt is spent. */
  record Release(StepId step, int attempt, String why) implements OfAttempt {}

  /** The attempt ended with a question for a person. */
  record AskApproval(StepId step, int attempt, String question) implements OfAttempt {}

  /**
   * A person has answered what the step's last attempt asked.
   *
   * @param asking the attempt whose question is answered; absent means the last one
   * @param by who
   */
  record DecideApproval(
      StepId step,
      @Nullable Integer asking,
      ApprovalDecision decision,
      @Nullable String comment,
      String by)
      implements Command {}

  /** A READY step's backoff is over. */
  record EndBackoff(StepId step) implements Command {}

  /** The audit of that cycle passed. */
  record PassAudit(int cycle) implements Command {}

  /**
   * The audit of that cycle did not pass.
   *
   * @param notes what to mind, by the step to redo
   * @param exhausted whether there is no rework cycle left
   */
  record FailAudit(int cycle, Map<StepId, String> notes, boolean exhausted, String feedback)
      implements Command {}

  /** The answer of that cycle is there, or why there is none. */
  record Synthesize(int cycle, @Nullable StepError failure) implements Command {}

  /** Somebody wants no more of it. */
  record Cancel(String reason) implements Command {}

  /** The workflow's deadline has passed. */
  record MissDeadline() implements Command {}
}
