package io.agentmanager.contracts.api;

/** Where a step stands. */
public enum StepStatus {
  PENDING,
  READY,
  IN_PROGRESS,
  /** A person is asked; no worker holds it. */
  AWAITING_APPROVAL,
  COMPLETED,
  FAILED,
  CANCELLED;

  /** Whether the step still has something ahead of it, a rework aside. */
  public boolean isOpen() {
    return switch (this) {
      case PENDING, READY, IN_PROGRESS, AWAITING_APPROVAL -> true;
      case COMPLETED, FAILED, CANCELLED -> false;
    };
  }
}
