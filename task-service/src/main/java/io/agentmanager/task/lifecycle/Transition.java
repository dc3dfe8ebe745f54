package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.journal.JournalEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One decision while it is being made: starts from a state and gathers changed steps, counts and
 * journal entries. Lives within one call of {@link Lifecycle#decide}.
 */
final class Transition {
  private final WorkflowState before;
  private final Map<StepId, StepState> changed = new LinkedHashMap<>();
  private final List<JournalEntry> entries = new ArrayList<>();
  private WorkflowStatus status;
  private int cycle;
  private int open;
  private int broken;
  private @Nullable StepError error;

  Transition(WorkflowState before) {
    this.before = before;
    this.status = before.status();
    this.cycle = before.cycle();
    this.open = before.openSteps();
    this.broken = before.brokenSinks();
    this.error = before.error();
  }

  Decision.Accepted done() {
    return new Decision.Accepted(
        before.moved(status, cycle, open, broken, error, changed), changed, List.copyOf(entries));
  }

  StepState step(StepId id) {
    StepState now = changed.get(id);
    StepState loaded = now == null ? before.steps().get(id) : now;
    if (loaded == null) {
      throw new IllegalStateException("step " + id + " of " + before.key() + " was not loaded");
    }
    return loaded;
  }

  /** Puts a step in its new state and keeps the counts right. */
  void change(@Nullable StepState from, StepState to) {
    open += openCount(to) - (from == null ? 0 : openCount(from));
    broken += brokenCount(to) - (from == null ? 0 : brokenCount(from));
    changed.put(to.id(), to);
    if (to.status() == StepStatus.READY && to.notBefore() == null) {
      announceReady(to);
    }
  }

  void note(String type, Map<String, Object> data) {
    entries.add(JournalEntry.noted(before.key(), type, data));
  }

  void note(String type, StepState step, Map<String, Object> data) {
    entries.add(JournalEntry.noted(before.key(), type, step.id(), step.attempt(), data));
  }

  void status(WorkflowStatus next) {
    status = next;
  }

  WorkflowStatus status() {
    return status;
  }

  OnFailure onFailure() {
    return before.onFailure();
  }

  AuditMode auditMode() {
    return before.auditMode();
  }

  int cycle() {
    return cycle;
  }

  void nextCycle() {
    cycle++;
  }

  boolean isDrained() {
    return open == 0;
  }

  boolean hasBrokenSinks() {
    return broken > 0;
  }

  void cancel(StepState step) {
    StepState cancelled = step.ended(StepStatus.CANCELLED, step.failures());
    change(step, cancelled);
    note("step.cancelled", cancelled, Map.of());
  }

  void cancelOpenSteps() {
    before.steps().keySet().stream()
        .map(this::step)
        .filter(step -> step.status().isOpen())
        .forEach(this::cancel);
  }

  void cancelDownstreamOf(StepState failed) {
    Deque<StepId> next = new ArrayDeque<>(failed.dependents());
    while (!next.isEmpty()) {
      StepState step = step(next.removeFirst());
      if (step.status().isOpen()) {
        cancel(step);
        next.addAll(step.dependents());
      }
    }
  }

  /** The entry that says that a step ended, published for the audit-service. */
  void announceEnded(StepState step) {
    boolean drained = status == WorkflowStatus.AUDITING;
    entries.add(
        JournalEntry.published(
            step.status() == StepStatus.COMPLETED ? "step.completed" : "step.failed",
            step.id(),
            step.attempt(),
            new WorkflowEvent.StepCompleted(
                before.key().tenant(),
                before.key().workflow(),
                step.id(),
                step.attempt(),
                step.status(),
                drained,
                cycle,
                before.auditMode())));
  }

  void finish(WorkflowStatus how, @Nullable StepError why) {
    status = how;
    error = why;
    if (why != null) {
      note(
          "workflow.failing",
          Map.of("type", why.type(), "message", why.message() == null ? "" : why.message()));
    }
    entries.add(
        JournalEntry.published(
            "workflow." + how.name().toLowerCase(Locale.ROOT),
            new WorkflowEvent.WorkflowFinished(
                before.key().tenant(), before.key().workflow(), how)));
  }

  private void announceReady(StepState step) {
    entries.add(
        JournalEntry.published(
            "step.ready",
            step.id(),
            step.attempt(),
            new WorkflowEvent.StepReady(
                before.key().tenant(),
                before.key().workflow(),
                step.id(),
                step.attempt() + 1,
                step.capability(),
                step.priority())));
  }

  private static int openCount(StepState step) {
    return step.status().isOpen() ? 1 : 0;
  }

  private static int brokenCount(StepState step) {
    boolean broken = step.status() == StepStatus.FAILED || step.status() == StepStatus.CANCELLED;
    return broken && step.isSink() ? 1 : 0;
  }
}
