package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as far as transitions depend on it, with those of its steps that a command touches.
 * The counts speak of all steps, loaded or not, so that nobody scans the graph.
 *
 * @param cycle how often the workflow was sent back so far
 * @param openSteps steps that are PENDING, READY or IN_PROGRESS
 * @param brokenSinks sink steps that FAILED or were CANCELLED
 * @param steps the loaded steps
 */
public record WorkflowState(
    WorkflowKey key,
    WorkflowStatus status,
    int cycle,
    int openSteps,
    int brokenSinks,
    OnFailure onFailure,
    AuditMode auditMode,
    int maxReworkCycles,
    @Nullable StepError error,
    Map<StepId, StepState> steps) {

  /** A workflow that was submitted and has no plan yet. */
  public static WorkflowState planning(
      WorkflowKey key, OnFailure onFailure, AuditMode auditMode, int maxReworkCycles) {
    return new WorkflowState(
        key,
        WorkflowStatus.PLANNING,
        0,
        0,
        0,
        onFailure,
        auditMode,
        maxReworkCycles,
        null,
        Map.of());
  }

  /** The same workflow, seen with these steps loaded. */
  public WorkflowState seeing(Map<StepId, StepState> loaded) {
    return new WorkflowState(
        key,
        status,
        cycle,
        openSteps,
        brokenSinks,
        onFailure,
        auditMode,
        maxReworkCycles,
        error,
        loaded);
  }

  WorkflowState moved(
      WorkflowStatus newStatus,
      int newCycle,
      int newOpen,
      int newBroken,
      @Nullable StepError newError,
      Map<StepId, StepState> changed) {
    Map<StepId, StepState> merged = new LinkedHashMap<>(steps);
    merged.putAll(changed);
    return new WorkflowState(
        key,
        newStatus,
        newCycle,
        newOpen,
        newBroken,
        onFailure,
        auditMode,
        maxReworkCycles,
        newError,
        merged);
  }
}
