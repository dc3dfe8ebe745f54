package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;

/** What a person said to what an attempt asked. */
public enum ApprovalDecision {
  /** It may go on. */
  @JsonProperty("approve")
  @JsonAlias("approved")
  APPROVE,
  /** It may not: the step fails. */
  @JsonProperty("reject")
  @JsonAlias({"rejected", "deny", "denied"})
  REJECT
}
