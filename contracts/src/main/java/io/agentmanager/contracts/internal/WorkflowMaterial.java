package io.agentmanager.contracts.internal;

import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Complexity;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an audit or a synthesis judges: everything that the server holds of a drained workflow.
 *
 * @param cycle how often the workflow was reworked so far
 * @param usage what the workflow's steps spent
 */
public record WorkflowMaterial(
    String workflowId,
    WorkflowStatus status,
    int cycle,
    String description,
    Complexity complexity,
    AuditPolicy audit,
    Budget budget,
    Usage usage,
    List<StepMaterial> steps) {

  /**
   * A step as it stands.
   *
   * @param iterations those of the accepted attempt
   * @param sink whether nothing depends on it
   */
  public record StepMaterial(
      StepSpec spec,
      StepStatus status,
      int attempt,
      @Nullable String finalResult,
      List<Iteration> iterations,
      Usage usage,
      boolean sink) {}
}
