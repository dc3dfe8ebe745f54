package io.agentmanager.worker;

import java.time.Instant;
import java.time.InstantSource;

/** The time of day as it was at first, and from then on as much more as has passed. */
final class SteadyClock implements InstantSource {
  private final Instant began = Instant.now();
  private final long nanos = System.nanoTime();

  private SteadyClock() {}

  /** One that no change of the machine's clock moves. */
  static InstantSource begun() {
    return new SteadyClock();
  }

  @Override
  public Instant instant() {
    return began.plusNanos(System.nanoTime() - nanos);
  }
}
