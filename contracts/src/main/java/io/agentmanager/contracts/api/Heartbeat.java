package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of a heartbeat: every attempt that the worker is running. */
public record Heartbeat(@Nullable List<AttemptRef> running) {
  /** The attempts, never null. */
  public List<AttemptRef> runningList() {
    return running == null ? List.of() : running;
  }
}
