package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of {@code POST /v1/tasks}: a goal, and perhaps the plan for it.
 *
 * @param description the goal in words, 1 to 32,000 characters
 * @param complexity absent means medium
 * @param deadline when what is still open is cancelled
 * @param priority 0 to 9, absent means 0; higher is served first
 * @param metadata the submitter's own, at most 16 KiB
 * @param tasks an explicit plan; absent means it is planned
 * @param audit absent means rules with two rework cycles
 * @param budget absent means unlimited
 * @param onFailure absent means fail
 */
public record TaskSubmission(
    String description,
    @Nullable Complexity complexity,
    @Nullable Instant deadline,
    @Nullable Integer priority,
    @Nullable ObjectNode metadata,
    @Nullable List<StepSpec> tasks,
    @Nullable AuditPolicy audit,
    @Nullable Budget budget,
    @Nullable OnFailure onFailure) {

  /** The priority, or its default. */
  public int effectivePriority() {
    return priority == null ? 0 : priority;
  }

  /** The complexity, or its default. */
  public Complexity effectiveComplexity() {
    return complexity == null ? Complexity.MEDIUM : complexity;
  }

  /** The audit policy with every default filled in. */
  public AuditPolicy effectiveAudit() {
    return audit == null ? AuditPolicy.standard() : audit.orDefaults();
  }

  /** The budget, or none. */
  public Budget effectiveBudget() {
    return budget == null ? Budget.UNLIMITED : budget;
  }

  /** What a failed step does, or its default. */
  public OnFailure effectiveOnFailure() {
    return onFailure == null ? OnFailure.FAIL : onFailure;
  }
}
