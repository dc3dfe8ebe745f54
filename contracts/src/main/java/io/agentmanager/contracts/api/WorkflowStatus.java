package io.agentmanager.contracts.api;

/** Where a workflow stands. */
public enum WorkflowStatus {
  PLANNING,
  RUNNING,
  AUDITING,
  REWORKING,
  SYNTHESIZING,
  COMPLETED,
  FAILED,
  CANCELLED,
  PAUSED;

  /** Whether nothing can change any more. */
  public boolean isFinished() {
    return switch (this) {
      case COMPLETED, FAILED, CANCELLED -> true;
      case PLANNING, RUNNING, AUDITING, REWORKING, SYNTHESIZING, PAUSED -> false;
    };
  }
}
