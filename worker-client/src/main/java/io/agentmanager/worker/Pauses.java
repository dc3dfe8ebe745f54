package io.agentmanager.worker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to leave a server alone that does not answer: longer each time, by chance apart. */
final class Pauses {
  private static final long FIRST_MS = 200;
  private static final long LONGEST_MS = 5_000;
  private static final int LARGEST_SHIFT = 10;

  private Pauses() {}

  /**
   * Between half and the whole of 200 ms, doubled with each failure up to 5 s.
   *
   * @param failures in a row, from 1
   */
  static Duration after(int failures) {
    long full = Math.min(LONGEST_MS, FIRST_MS << Math.min(failures - 1, LARGEST_SHIFT));
    return Duration.ofMillis(full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1));
  }
}
