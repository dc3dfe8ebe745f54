package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a result came about: the reason-act iterations, the answer and who gave it. */
public record RaHistory(
    @Nullable List<Iteration> iterations,
    @Nullable String finalResult,
    @Nullable String sourceAgent) {

  /** The iterations, never null. */
  public List<Iteration> iterationList() {
    return iterations == null ? List.of() : iterations;
  }
}
