package io.agentmanager.task.model;

import io.agentmanager.task.lifecycle.Command;
import java.util.Optional;

/** What is compared with the reference. Each call says whether the command was accepted. */
interface Subject {
  /** Hands out a step, the first that may run; empty when none may. */
  Optional<Integer> claim();

  void heartbeat(int id, int attempt);

  boolean succeed(int id, int attempt);

  boolean fail(int id, int attempt, boolean retryable);

  /** Applies what others than workers bring. */
  boolean apply(Command command);

  /** The state in the words of {@link Reference#picture}. */
  String picture();
}
