package io.agentmanager.contracts.event;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import java.util.List;

/**
 * A fact that one service publishes and others read. Ids and outcomes only: whoever needs a body
 * asks its owner over HTTP.
 *
 * <p>Each kind has a topic and a type name of its own ({@link EventKind}); the Kafka key is the
 * workflow id, so facts of one kind about one workflow stay in order.
 */
public sealed interface WorkflowEvent {
  /** The tenant that owns the workflow. */
  TenantId tenantId();

  /** The workflow that the fact is about. */
  WorkflowId workflowId();

  /** The kind, which fixes topic and type name. */
  EventKind kind();

  /** The workflow's whole key. */
  default WorkflowKey key() {
    return new WorkflowKey(tenantId(), workflowId());
  }

  /** Planner: a submission is durable; the workflow exists, in PLANNING. */
  record WorkflowSubmitted(TenantId tenantId, WorkflowId workflowId) implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.SUBMITTED;
    }
  }

  /**
   * Planner: planning ended.
   *
   * @param succeeded whether there is a plan to fetch; else the failure is to be fetched
   */
  record WorkflowPlanned(TenantId tenantId, WorkflowId workflowId, boolean succeeded, int stepCount)
      implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.PLANNED;
    }
  }

  /**
   * Task-service: a step may be claimed.
   *
   * @param attempt the attempt that a claim will begin
   */
  record StepReady(
      TenantId tenantId,
      WorkflowId workflowId,
      StepId stepId,
      int attempt,
      String capability,
      int priority)
      implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.READY;
    }
  }

  /**
   * Task-service: a step ended.
   *
   * @param drained whether this was the last one and the workflow now waits for its audit
   * @param auditCycle the cycle that this audit has; 0 for the first
   */
  record StepCompleted(
      TenantId tenantId,
      WorkflowId workflowId,
      StepId stepId,
      int attempt,
      StepStatus status,
      boolean drained,
      int auditCycle,
      AuditMode auditMode)
      implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.COMPLETED;
    }
  }

  /**
   * Audit-service: the work passed.
   *
   * @param usage what the audit's own model calls spent
   */
  record AuditPassed(TenantId tenantId, WorkflowId workflowId, int auditCycle, Usage usage)
      implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.AUDIT_PASSED;
    }
  }

  /**
   * Audit-service: the work did not pass; the notes are in the report of that cycle.
   *
   * @param stepIds the steps to redo; none when {@code exhausted}
   * @param exhausted whether the rework cycles are used up, so that the workflow fails
   * @param usage what the audit's own model calls spent
   */
  record AuditFailed(
      TenantId tenantId,
      WorkflowId workflowId,
      int auditCycle,
      List<StepId> stepIds,
      boolean exhausted,
      Usage usage)
      implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.AUDIT_FAILED;
    }
  }

  /** Planner: the answer of that cycle can be fetched, or why there is none. */
  record WorkflowSynthesized(
      TenantId tenantId, WorkflowId workflowId, int auditCycle, boolean succeeded)
      implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.SYNTHESIZED;
    }
  }

  /** Task-service, once a workflow: it ended. */
  record WorkflowFinished(TenantId tenantId, WorkflowId workflowId, WorkflowStatus status)
      implements WorkflowEvent {
    @Override
    public EventKind kind() {
      return EventKind.FINISHED;
    }
  }
}
