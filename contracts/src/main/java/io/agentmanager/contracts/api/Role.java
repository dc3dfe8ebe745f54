package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * What a caller may do; who may make which call stands in the table of {@code docs/security.md}.
 */
public enum Role {
  /** Submits work, and sees and cancels the workflows of its tenant. */
  @JsonProperty("submitter")
  SUBMITTER,
  /** Claims steps and posts their results; sees the steps that it holds and no other bodies. */
  @JsonProperty("worker")
  WORKER,
  /** Reads everything of its tenant and changes nothing. */
  @JsonProperty("auditor")
  AUDITOR,
  /** Everything within its tenant, tokens included. */
  @JsonProperty("admin")
  ADMIN,
  /** With {@link #ADMIN}: makes and manages tokens of every tenant. */
  @JsonProperty("operator")
  OPERATOR;

  /** The name on the wire. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
