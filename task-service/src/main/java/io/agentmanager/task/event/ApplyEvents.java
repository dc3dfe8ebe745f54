package io.agentmanager.task.event;

import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.event.WorkflowEvent.AuditFailed;
import io.agentmanager.contracts.event.WorkflowEvent.AuditPassed;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowSynthesized;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.workflow.AdoptWorkflow;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import io.agentmanager.task.write.WriteRequest.Answer;
import io.agentmanager.task.write.WriteRequest.Expense;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the news of other services does to a workflow. The same news again does nothing. */
@Component
class ApplyEvents {
  private final AdoptWorkflow adopt;
  private final PlannerClient planner;
  private final AuditClient audits;
  private final WriteLanes lanes;

  ApplyEvents(AdoptWorkflow adopt, PlannerClient planner, AuditClient audits, WriteLanes lanes) {
    this.adopt = adopt;
    this.planner = planner;
    this.audits = audits;
    this.lanes = lanes;
  }

  /**
   * Submitted, planned, or planning failed: take over what the planner knows.
   *
   * @return what went wrong, by workflow
   */
  Map<WorkflowKey, RuntimeException> planning(List<WorkflowKey> keys) {
    Map<WorkflowKey, RuntimeException> failures = new LinkedHashMap<>();
    List<WorkflowKey> open = new ArrayList<>(new LinkedHashSet<>(keys));
    open.removeAll(adopt.settled(open));
    Map<WorkflowKey, CompletableFuture<WriteReply>> adopted =
        open.isEmpty() ? Map.of() : comingAgainWhenFull(() -> adopt.adopt(open));
    for (WorkflowKey key : open) {
      try {
        adoptAlone(key, adopted.get(key));
      } catch (RuntimeException e) {
        failures.put(key, e);
      }
    }
    return failures;
  }

  /** What was too large to come with the others is asked for by itself. */
  private void adoptAlone(WorkflowKey key, @Nullable CompletableFuture<WriteReply> reply) {
    boolean known =
        comingAgainWhenFull(() -> reply == null ? adopt.adopt(key) : reply.join() != null);
    if (!known) {
      throw new IllegalStateException("the planner does not know " + key);
    }
  }

  void auditPassed(AuditPassed event) {
    apply(
        event.key(),
        new Command.PassAudit(event.auditCycle()),
        new Expense("audit-" + event.auditCycle(), event.usage()),
        null);
  }

  void auditFailed(AuditFailed event) {
    Optional<AuditReport> found = audits.report(event.key(), event.auditCycle());
    if (found.isEmpty() && adopt.isGone(event.key())) {
      return;
    }
    AuditReport report =
        found.orElseThrow(() -> new IllegalStateException("no report for " + event));
    Map<StepId, String> notes = new LinkedHashMap<>();
    report
        .reworkSuggestions()
        .forEach(s -> notes.merge(new StepId(s.stepId()), s.note(), (a, b) -> a + "\n" + b));
    apply(
        event.key(),
        new Command.FailAudit(event.auditCycle(), notes, event.exhausted(), report.feedback()),
        new Expense("audit-" + event.auditCycle(), event.usage()),
        null);
  }

  void synthesized(WorkflowSynthesized event) {
    Optional<SynthesisDocument> found = planner.synthesis(event.key(), event.auditCycle());
    if (found.isEmpty() && adopt.isGone(event.key())) {
      return;
    }
    SynthesisDocument document =
        found.orElseThrow(() -> new IllegalStateException("no synthesis for " + event));
    apply(
        event.key(),
        new Command.Synthesize(event.auditCycle(), document.failure()),
        new Expense("synthesis-" + event.auditCycle(), document.usage()),
        document.result() == null ? null : new Answer(document.result(), document.sources()));
  }

  private void apply(WorkflowKey key, Command command, Expense expense, @Nullable Answer answer) {
    WriteReply reply =
        comingAgainWhenFull(
            () -> lanes.submit(new WriteRequest.Apply(key, command, expense, answer)).join());
    if (reply instanceof WriteReply.UnknownWorkflow && !adopt.isGone(key)) {
      throw new IllegalStateException("there is no workflow " + key);
    }
  }

  /** Where there is no room now, the news must come again rather than go to the dead letters. */
  private static <T> T comingAgainWhenFull(Supplier<T> step) {
    try {
      return step.get();
    } catch (ProblemException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
