package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a heartbeat: every attempt that the worker is running.
 *
 * @param instanceId as the process registered: the heartbeat of a process whose name another has
 *     taken over since is refused; absent means whoever is registered
 */
public record Heartbeat(@Nullable List<AttemptRef> running, @Nullable String instanceId) {
  /** Of whatever process. */
  public Heartbeat(@Nullable List<AttemptRef> running) {
    this(running, null);
  }

  /** The attempts, never null. */
  public List<AttemptRef> runningList() {
    return running == null ? List.of() : running;
  }
}
