package io.agentmanager.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Names a workflow within its tenant; at most 64 of {@code [A-Za-z0-9-]}, a UUID in practice. */
public record WorkflowId(@JsonValue String value) {
  /** Takes any text: an id that was never given out is simply unknown. */
  @JsonCreator
  public WorkflowId {}

  @Override
  public String toString() {
    return value;
  }
}
