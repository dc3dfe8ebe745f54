package io.agentmanager.contracts.id;

import java.util.Comparator;

/** The whole key of a step. Row locks are taken in this order everywhere. */
public record StepKey(WorkflowKey workflow, StepId step) implements Comparable<StepKey> {
  private static final Comparator<StepKey> ORDER =
      Comparator.comparing(StepKey::workflow).thenComparing(StepKey::step);

  @Override
  public int compareTo(StepKey other) {
    return ORDER.compare(this, other);
  }
}
