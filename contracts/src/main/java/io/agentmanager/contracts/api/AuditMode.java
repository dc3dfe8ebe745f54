package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who judges a drained workflow. */
public enum AuditMode {
  @JsonProperty("none")
  NONE,
  @JsonProperty("rules")
  RULES,
  @JsonProperty("llm")
  LLM
}
