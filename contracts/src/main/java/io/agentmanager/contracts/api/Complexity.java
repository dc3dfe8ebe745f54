package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How much work the submitter expects; it guides the planner and the estimate. */
public enum Complexity {
  @JsonProperty("low")
  LOW,
  @JsonProperty("medium")
  MEDIUM,
  @JsonProperty("high")
  HIGH
}
