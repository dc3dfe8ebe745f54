package io.agentmanager.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Names a step within its workflow; {@code [A-Za-z0-9._-]{1,100}} once it is in a valid plan. */
public record StepId(@JsonValue String value) implements Comparable<StepId> {
  /** Takes any text: plan validation judges the form. */
  @JsonCreator
  public StepId {}

  @Override
  public int compareTo(StepId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
