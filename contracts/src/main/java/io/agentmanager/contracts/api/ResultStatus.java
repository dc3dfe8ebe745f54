package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How an attempt ended. */
public enum ResultStatus {
  @JsonProperty("completed")
  COMPLETED,
  @JsonProperty("failed")
  FAILED,
  /** It goes on when a person has decided. */
  @JsonProperty("awaiting_approval")
  AWAITING_APPROVAL
}
