package io.agentmanager.task.event;

import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.journal.WorkflowTraces;
import io.agentmanager.tracing.LogContext;
import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Collections;
import org.springframework.stereotype.Component;

/** Asks the audit-service and the planner for what they owe. Asking again changes nothing. */
@Component
public class AskNeighbours {
  private final PlannerClient planner;
  private final AuditClient audits;
  private final Traces traces;
  private final WorkflowTraces places;

  AskNeighbours(PlannerClient planner, AuditClient audits, Traces traces, WorkflowTraces places) {
    this.planner = planner;
    this.audits = audits;
    this.traces = traces;
    this.places = places;
  }

  /** The audit of that cycle is awaited: do it, or say again what it came to. */
  public void forAudit(WorkflowKey key, int cycle) {
    within(key, cycle, () -> audits.ensureAudit(key, cycle));
  }

  /** The answer of that cycle is awaited: write it, or say again that it is there. */
  public void forSynthesis(WorkflowKey key, int cycle) {
    within(key, cycle, () -> planner.ensureSynthesis(key, cycle));
  }

  /** In the trace of the workflow, wherever the news of it was lost. */
  private void within(WorkflowKey key, int cycle, Runnable ask) {
    try (LogContext context = LogContext.of(key.tenant().value(), key.workflow().value())) {
      boolean unused =
          traces.<Boolean, RuntimeException>together(
              Collections.singletonList(places.of(key).orElse(null)),
              "ask_again",
              SpanKind.INTERNAL,
              Attributes.of(
                  AttributeKey.stringKey("agentmanager.workflow.id"),
                  key.workflow().value(),
                  AttributeKey.longKey("agentmanager.audit.cycle"),
                  (long) cycle),
              span -> {
                ask.run();
                return Boolean.TRUE;
              });
    }
  }
}
