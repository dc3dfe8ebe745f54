package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a failed step does to its workflow. */
public enum OnFailure {
  /** The workflow fails and what is open is cancelled. */
  @JsonProperty("fail")
  FAIL,
  /** What depends on the step is cancelled, the rest runs. */
  @JsonProperty("continue")
  CONTINUE
}
