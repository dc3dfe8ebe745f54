package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.id.StepId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step as far as transitions depend on it.
 *
 * @param attempt the last attempt that was begun; only grows
 * @param failures failures, timeouts and lost leases since the last rework
 * @param openDependencies dependencies that have not completed
 * @param heard whether the running attempt's worker was heard of since the claim
 * @param notBefore for a READY step in backoff: when it may be claimed
 * @param dependencies steps that must complete first
 * @param dependents steps that wait for this one
 */
public record StepState(
    StepId id,
    StepStatus status,
    int attempt,
    int failures,
    int openDependencies,
    int maxAttempts,
    String capability,
    int priority,
    boolean heard,
    @Nullable String workerId,
    @Nullable Instant notBefore,
    List<StepId> dependencies,
    List<StepId> dependents) {

  /** Whether nothing depends on the step. */
  public boolean isSink() {
    return dependents.isEmpty();
  }

  /** Whether this attempt is the one that runs now. */
  public boolean isRunning(int wanted) {
    return status == StepStatus.IN_PROGRESS && attempt == wanted;
  }

  StepState ended(StepStatus how, int newFailures) {
    return with(how, newFailures, openDependencies, null);
  }

  StepState ready(int newFailures, @Nullable Instant from) {
    return with(StepStatus.READY, newFailures, openDependencies, from);
  }

  StepState awaitingApproval() {
    return with(StepStatus.AWAITING_APPROVAL, failures, openDependencies, null);
  }

  StepState dependencyCompleted() {
    return with(status, failures, openDependencies - 1, notBefore);
  }

  StepState sentBack(int open) {
    return with(open == 0 ? StepStatus.READY : StepStatus.PENDING, 0, open, null);
  }

  StepState claimedBy(String worker) {
    return new StepState(
        id,
        StepStatus.IN_PROGRESS,
        attempt + 1,
        failures,
        openDependencies,
        maxAttempts,
        capability,
        priority,
        false,
        worker,
        null,
        dependencies,
        dependents);
  }

  private StepState with(
      StepStatus newStatus, int newFailures, int newOpen, @Nullable Instant from) {
    return new StepState(
        id,
        newStatus,
        attempt,
        newFailures,
        newOpen,
        maxAttempts,
        capability,
        priority,
        heard,
        workerId,
        from,
        dependencies,
        dependents);
  }
}
