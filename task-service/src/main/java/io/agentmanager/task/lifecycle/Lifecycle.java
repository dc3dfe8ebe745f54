package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.task.lifecycle.Decision.Reason;
import io.agentmanager.task.lifecycle.Decision.Refused;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a workflow when something is asked of it: a pure function of state, command and
 * time. The caller loads what the command touches ({@link #needsAllSteps}) and stores what comes
 * out.
 */
public final class Lifecycle {
  private Lifecycle() {}

  /**
   * Whether a command has to see every step of the workflow, or only its own and its dependents.
   */
  public static boolean needsAllSteps(Command command) {
    return switch (command) {
      case Command.Fail c -> true;
      case Command.LoseLease c -> true;
      case Command.FailAudit c -> true;
      case Command.Cancel c -> true;
      case Command.MissDeadline c -> true;
      case Command.DecideApproval c -> true;
      case Command.Succeed c -> false;
      case Command.AskApproval c -> false;
      case Command.Release c -> false;
      case Command.EndBackoff c -> false;
      case Command.Admit c -> false;
      case Command.FailPlanning c -> false;
      case Command.PassAudit c -> false;
      case Command.Synthesize c -> false;
    };
  }

  /** Decides. Never throws for a command that does not fit: that is {@link Refused}. */
  public static Decision decide(WorkflowState state, Command command, Instant now) {
    return switch (command) {
      case Command.Admit c -> admit(state, c);
      case Command.FailPlanning c -> failPlanning(state, c);
      case Command.OfAttempt c -> ofAttempt(state, c, now);
      case Command.DecideApproval c -> decideApproval(state, c);
      case Command.EndBackoff c -> endBackoff(state, c);
      case Command.PassAudit c -> passAudit(state, c);
      case Command.FailAudit c -> failAudit(state, c);
      case Command.Synthesize c -> synthesize(state, c);
      case Command.Cancel c -> cancel(state, c);
      case Command.MissDeadline c -> missDeadline(state);
    };
  }

  /** The step in the hands of a worker, if it can be claimed at that time. */
  public static Optional<StepState> claim(StepState step, String worker, Instant now) {
    boolean due = step.notBefore() == null || !step.notBefore().isAfter(now);
    return step.status() == StepStatus.READY && due
        ? Optional.of(step.claimedBy(worker))
        : Optional.empty();
  }

  private static Decision admit(WorkflowState state, Command.Admit command) {
    if (state.status() != WorkflowStatus.PLANNING) {
      return otherPhase(state);
    }
    Transition t = new Transition(state);
    t.status(WorkflowStatus.RUNNING);
    t.note("workflow.planned", Map.of("steps", command.steps().size()));
    command.steps().forEach(step -> t.change(null, step));
    return t.done();
  }

  private static Decision failPlanning(WorkflowState state, Command.FailPlanning command) {
    if (state.status() != WorkflowStatus.PLANNING) {
      return otherPhase(state);
    }
    Transition t = new Transition(state);
    t.finish(WorkflowStatus.FAILED, command.error());
    return t.done();
  }

  private static Decision ofAttempt(WorkflowState state, Command.OfAttempt command, Instant now) {
    StepState step = state.steps().get(command.step());
    if (step == null) {
      return new Refused(Reason.UNKNOWN_STEP, "There is no step " + command.step() + ".");
    }
    if (state.status().isFinished()) {
      return new Refused(Reason.ENDED, "The workflow is " + state.status() + ".");
    }
    if (!step.isRunning(command.attempt())) {
      return new Refused(Reason.STALE_ATTEMPT, stale(step, command.attempt()));
    }
    Transition t = new Transition(state);
    switch (command) {
      case Command.Succeed c -> succeed(t, step);
      case Command.Fail c -> fail(t, step, c.error(), now);
      case Command.AskApproval c -> askApproval(t, step, c.question());
      case Command.LoseLease c -> loseLease(t, step);
      case Command.Release c -> release(t, step, c.why());
    }
    return t.done();
  }

  private static String stale(StepState step, int attempt) {
    return "Attempt "
        + attempt
        + " is not running: the step is "
        + step.status()
        + " at attempt "
        + step.attempt()
        + ".";
  }

  private static void succeed(Transition t, StepState step) {
    StepState completed = step.ended(StepStatus.COMPLETED, step.failures());
    t.change(step, completed);
    settle(t, completed);
    if (!t.status().isFinished() && t.status() != WorkflowStatus.AUDITING) {
      completed.dependents().forEach(id -> completeDependency(t, t.step(id)));
    }
  }

  private static void completeDependency(Transition t, StepState dependent) {
    StepState next = dependent.dependencyCompleted();
    boolean free = next.openDependencies() == 0 && next.status() == StepStatus.PENDING;
    t.change(dependent, free ? next.ready(next.failures(), null) : next);
  }

  private static void fail(Transition t, StepState step, StepError error, Instant now) {
    int failures = step.failures() + 1;
    t.note(
        "step.attempt_failed",
        step,
        Map.of(
            "type",
            error.type(),
            "message",
            error.message() == null ? "" : error.message(),
            "failures",
            failures));
    if (error.mayRetry() && failures < step.maxAttempts()) {
      Instant from = now.plus(Backoff.after(step.id(), step.attempt(), failures));
      t.change(step, step.ready(failures, from));
      t.note("step.retry_scheduled", step, Map.of("not_before", from.toString()));
    } else {
      exhaust(t, step, failures, error);
    }
  }

  private static void loseLease(Transition t, StepState step) {
    int failures = step.heard() ? step.failures() + 1 : step.failures();
    t.note("step.lease_lost", step, Map.of("failures", failures));
    if (failures < step.maxAttempts()) {
      t.change(step, step.ready(failures, null));
    } else {
      exhaust(
          t, step, failures, new StepError("lease_lost", "Its workers were lost.", Boolean.FALSE));
    }
  }

  private static void release(Transition t, StepState step, String why) {
    t.note("step.released", step, Map.of("why", why));
    t.change(step, step.ready(step.failures(), null));
  }

  /** No worker holds the step while a person thinks. */
  private static void askApproval(Transition t, StepState step, String question) {
    t.note("step.awaiting_approval", step, Map.of("question", question));
    t.change(step, step.awaitingApproval());
  }

  private static Decision decideApproval(WorkflowState state, Command.DecideApproval command) {
    StepState step = state.steps().get(command.step());
    if (step == null) {
      return new Refused(Reason.UNKNOWN_STEP, "There is no step " + command.step() + ".");
    }
    if (state.status().isFinished()) {
      return new Refused(Reason.ENDED, "The workflow is " + state.status() + ".");
    }
    if (step.status() != StepStatus.AWAITING_APPROVAL) {
      return new Refused(
          Reason.OTHER_PHASE, "The step is " + step.status() + ": it waits for no approval.");
    }
    if (command.asking() != null && command.asking() != step.attempt()) {
      return new Refused(
          Reason.OTHER_PHASE,
          "Attempt " + command.asking() + " asks no more; attempt " + step.attempt() + " does.");
    }
    Transition t = new Transition(state);
    String comment = command.comment() == null ? "" : command.comment();
    Map<String, Object> said = Map.of("by", command.by(), "comment", comment);
    switch (command.decision()) {
      case APPROVE -> {
        t.note("step.approved", step, said);
        t.change(step, step.ready(step.failures(), null));
      }
      case REJECT -> {
        t.note("step.rejected", step, said);
        exhaust(
            t,
            step,
            step.failures(),
            new StepError("approval_rejected", rejected(command), Boolean.FALSE));
      }
    }
    return t.done();
  }

  private static String rejected(Command.DecideApproval command) {
    String comment = command.comment();
    return command.by()
        + " did not approve it"
        + (comment == null || comment.isBlank() ? "." : ": " + comment);
  }

  /** The step has failed for good. */
  private static void exhaust(Transition t, StepState step, int failures, StepError error) {
    StepState failed = step.ended(StepStatus.FAILED, failures);
    t.change(step, failed);
    if (t.onFailure() == OnFailure.CONTINUE) {
      t.cancelDownstreamOf(failed);
      settle(t, failed);
      return;
    }
    t.announceEnded(failed);
    t.cancelOpenSteps();
    t.finish(
        WorkflowStatus.FAILED,
        new StepError(
            "step_failed",
            "Step " + step.id() + " failed: " + error.type() + ": " + error.message(),
            null));
  }

  /** After a step ended: is the workflow drained, and what then? */
  private static void settle(Transition t, StepState ended) {
    if (!t.isDrained()) {
      t.announceEnded(ended);
    } else if (t.auditMode() != AuditMode.NONE) {
      t.status(WorkflowStatus.AUDITING);
      t.announceEnded(ended);
      t.note("workflow.auditing", Map.of("cycle", t.cycle()));
    } else {
      t.announceEnded(ended);
      finishWithoutAudit(t);
    }
  }

  private static void finishWithoutAudit(Transition t) {
    if (t.hasBrokenSinks()) {
      t.finish(WorkflowStatus.FAILED, brokenSinks());
    } else {
      t.finish(WorkflowStatus.COMPLETED, null);
    }
  }

  private static StepError brokenSinks() {
    return new StepError("step_failed", "A step that the result rests on did not complete.", null);
  }

  private static Decision endBackoff(WorkflowState state, Command.EndBackoff command) {
    StepState step = state.steps().get(command.step());
    if (step == null || step.status() != StepStatus.READY || step.notBefore() == null) {
      return new Refused(Reason.OTHER_PHASE, "The step waits for no backoff.");
    }
    Transition t = new Transition(state);
    t.change(step, step.ready(step.failures(), null));
    return t.done();
  }

  private static Decision passAudit(WorkflowState state, Command.PassAudit command) {
    if (!isAuditing(state, command.cycle())) {
      return otherPhase(state);
    }
    Transition t = new Transition(state);
    t.note("workflow.audit_passed", Map.of("cycle", command.cycle()));
    if (t.hasBrokenSinks()) {
      t.finish(WorkflowStatus.FAILED, brokenSinks());
    } else {
      t.status(WorkflowStatus.SYNTHESIZING);
    }
    return t.done();
  }

  private static Decision failAudit(WorkflowState state, Command.FailAudit command) {
    if (!isAuditing(state, command.cycle())) {
      return otherPhase(state);
    }
    Transition t = new Transition(state);
    t.note(
        "workflow.audit_failed", Map.of("cycle", command.cycle(), "feedback", command.feedback()));
    Set<StepId> back = downstreamClosure(state, command.notes().keySet());
    if (command.exhausted() || back.isEmpty()) {
      t.finish(
          WorkflowStatus.FAILED,
          new StepError("audit_failed", "The audit did not pass: " + command.feedback(), null));
      return t.done();
    }
    t.nextCycle();
    t.status(WorkflowStatus.REWORKING);
    t.note("workflow.reworking", Map.of("cycle", t.cycle(), "steps", back.size()));
    back.forEach(id -> sendBack(t, t.step(id), back));
    return t.done();
  }

  private static void sendBack(Transition t, StepState step, Set<StepId> back) {
    int open = (int) step.dependencies().stream().filter(back::contains).count();
    t.note("step.sent_back", step, Map.of());
    t.change(step, step.sentBack(open));
  }

  /**
   * The chosen steps and all that is downstream of them, save what could not run: a step with a
   * dependency that neither completed nor runs again.
   */
  private static Set<StepId> downstreamClosure(WorkflowState state, Set<StepId> chosen) {
    Set<StepId> closure = new LinkedHashSet<>();
    Deque<StepId> next = new ArrayDeque<>(chosen);
    while (!next.isEmpty()) {
      StepState step = state.steps().get(next.removeFirst());
      if (step != null && closure.add(step.id())) {
        next.addAll(step.dependents());
      }
    }
    while (closure.removeIf(id -> !canRunAgain(state, id, closure))) {
      // Whatever depends on a step that cannot run cannot run either.
    }
    return closure;
  }

  private static boolean canRunAgain(WorkflowState state, StepId id, Set<StepId> closure) {
    StepState step = state.steps().get(id);
    return step != null
        && step.dependencies().stream()
            .allMatch(d -> closure.contains(d) || isCompleted(state.steps().get(d)));
  }

  private static boolean isCompleted(@Nullable StepState step) {
    return step != null && step.status() == StepStatus.COMPLETED;
  }

  /** An answer implies that its audit passed, in case that news is still on its way. */
  private static Decision synthesize(WorkflowState state, Command.Synthesize command) {
    boolean expected =
        state.cycle() == command.cycle()
            && (state.status() == WorkflowStatus.SYNTHESIZING
                || state.status() == WorkflowStatus.AUDITING);
    if (!expected) {
      return otherPhase(state);
    }
    Transition t = new Transition(state);
    if (state.status() == WorkflowStatus.AUDITING) {
      t.note("workflow.audit_passed", Map.of("cycle", command.cycle()));
    }
    if (command.failure() != null) {
      t.finish(WorkflowStatus.FAILED, command.failure());
    } else {
      t.finish(WorkflowStatus.COMPLETED, null);
    }
    return t.done();
  }

  private static Decision cancel(WorkflowState state, Command.Cancel command) {
    if (state.status() == WorkflowStatus.CANCELLED) {
      return new Transition(state).done();
    }
    if (state.status().isFinished()) {
      return new Refused(Reason.ENDED, "The workflow is " + state.status() + " already.");
    }
    Transition t = new Transition(state);
    t.cancelOpenSteps();
    t.finish(WorkflowStatus.CANCELLED, new StepError("cancelled", command.reason(), null));
    return t.done();
  }

  private static Decision missDeadline(WorkflowState state) {
    if (state.status().isFinished()) {
      return new Refused(Reason.ENDED, "The workflow is " + state.status() + " already.");
    }
    Transition t = new Transition(state);
    t.cancelOpenSteps();
    t.finish(
        WorkflowStatus.FAILED,
        new StepError("deadline_exceeded", "The deadline passed before the work was done.", null));
    return t.done();
  }

  private static boolean isAuditing(WorkflowState state, int cycle) {
    return state.status() == WorkflowStatus.AUDITING && state.cycle() == cycle;
  }

  private static Refused otherPhase(WorkflowState state) {
    return new Refused(
        Reason.OTHER_PHASE,
        "The workflow is " + state.status() + " in cycle " + state.cycle() + ".");
  }
}
