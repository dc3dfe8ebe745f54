package io.agentmanager.worker.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until a test moves it. May be used by several threads. */
public final class SettableClock implements InstantSource {
  private volatile Instant now;

  /** Stands at that time. */
  public SettableClock(Instant start) {
    this.now = start;
  }

  @Override
  public Instant instant() {
    return now;
  }

  /** Moves it on. */
  public synchronized void advance(Duration time) {
    now = now.plus(time);
  }
}
