package io.agentmanager.task.event;

import io.agentmanager.contracts.id.WorkflowKey;
import org.springframework.stereotype.Component;

/** Asks the audit-service and the planner for what they owe. Asking again changes nothing. */
@Component
public class AskNeighbours {
  private final PlannerClient planner;
  private final AuditClient audits;

  AskNeighbours(PlannerClient planner, AuditClient audits) {
    this.planner = planner;
    this.audits = audits;
  }

  /** The audit of that cycle is awaited: do it, or say again what it came to. */
  public void forAudit(WorkflowKey key, int cycle) {
    audits.ensureAudit(key, cycle);
  }

  /** The answer of that cycle is awaited: write it, or say again that it is there. */
  public void forSynthesis(WorkflowKey key, int cycle) {
    planner.ensureSynthesis(key, cycle);
  }
}
