package io.agentmanager.task.event;

import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.event.WorkflowEvent;
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
import java.util.LinkedHashMap;
import java.util.Map;
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

  /** Submitted, planned, or planning failed: take over what the planner knows. */
  void planning(WorkflowEvent event) {
    if (!adopt.isPlanned(event.key()) && !adopt.adopt(event.key())) {
      throw new IllegalStateException("the planner does not know " + event.key());
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
    AuditReport report =
        audits
            .report(event.key(), event.auditCycle())
            .orElseThrow(() -> new IllegalStateException("no report for " + event));
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
    SynthesisDocument document =
        planner
            .synthesis(event.key(), event.auditCycle())
            .orElseThrow(() -> new IllegalStateException("no synthesis for " + event));
    apply(
        event.key(),
        new Command.Synthesize(event.auditCycle(), document.failure()),
        new Expense("synthesis-" + event.auditCycle(), document.usage()),
        document.result() == null ? null : new Answer(document.result(), document.sources()));
  }

  private void apply(WorkflowKey key, Command command, Expense expense, @Nullable Answer answer) {
    WriteReply reply;
    try {
      reply = lanes.submit(new WriteRequest.Apply(key, command, expense, answer)).join();
    } catch (ProblemException e) {
      // The lane is full: the news must come again rather than go to the dead letters.
      throw new UncheckedIOException(new IOException(e));
    }
    if (reply instanceof WriteReply.UnknownWorkflow) {
      throw new IllegalStateException("there is no workflow " + key);
    }
  }
}
