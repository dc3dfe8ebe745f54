package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The answer to an accepted result. */
public record ResultAnswer(
    boolean success,
    String workflowId,
    String stepId,
    int attempt,
    WorkflowStatus workflowStatus,
    NextAction nextAction) {

  /** What happens to the workflow now. */
  public enum NextAction {
    @JsonProperty("continue")
    CONTINUE,
    @JsonProperty("audit")
    AUDIT,
    @JsonProperty("complete")
    COMPLETE
  }
}
