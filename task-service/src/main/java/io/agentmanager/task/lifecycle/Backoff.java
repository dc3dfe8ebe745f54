package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.id.StepId;
import java.time.Duration;

/**
 * How long a failed step waits for its next attempt: doubling from one second to a minute, of which
 * the upper half is jitter ("equal jitter", AWS Architecture Blog, 2015). The jitter comes from the
 * step and its attempt, so that the same failure always waits equally long.
 */
final class Backoff {
  private static final long FIRST_MS = 1_000;
  private static final long LONGEST_MS = 60_000;
  private static final int LARGEST_SHIFT = 6;

  private Backoff() {}

  static Duration after(StepId step, int attempt, int failures) {
    long full = Math.min(LONGEST_MS, FIRST_MS << Math.min(failures - 1, LARGEST_SHIFT));
    long half = full / 2;
    long jitter = Math.floorMod(31L * step.hashCode() + 7919L * attempt, half + 1);
    return Duration.ofMillis(half + jitter);
  }
}
