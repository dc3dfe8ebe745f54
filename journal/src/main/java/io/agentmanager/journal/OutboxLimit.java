package io.agentmanager.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Says when too much waits for Kafka to take on more. What is under way goes on regardless: only
 * new work is refused.
 */
public final class OutboxLimit {
  private static final Duration MEMORY = Duration.ofSeconds(1);
  private final JournalStore store;
  private final long limit;
  private final InstantSource clock;
  private volatile Look last = new Look(Instant.EPOCH, false);

  OutboxLimit(JournalStore store, long limit, InstantSource clock) {
    this.store = store;
    this.limit = limit;
    this.clock = clock;
  }

  private record Look(Instant at, boolean full) {}

  /** Whether the bound is reached, as of a second ago at most. */
  public boolean isReached() {
    Instant now = clock.instant();
    if (!now.isBefore(last.at().plus(MEMORY))) {
      last = new Look(now, store.backlog() >= limit);
    }
    return last.full();
  }
}
