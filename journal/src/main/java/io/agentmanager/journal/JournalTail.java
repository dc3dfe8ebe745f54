package io.agentmanager.journal;

import java.time.Duration;

/** Tells readers of the journal how far they may read without missing a late commit. */
public final class JournalTail {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
  private static final long PAUSE_NANOS = 500_000;
  private final JournalStore store;

  /** Looks at the database behind the store. */
  public JournalTail(JournalStore store) {
    this.store = store;
  }

  /**
   * Waits until everything that was numbered before this call is either visible or rolled back, for
   * two seconds at most, and returns the number up to which the journal is complete.
   */
  public long settle() {
    JournalHorizon horizon = new JournalHorizon();
    long target = 0;
    long complete = 0;
    long giveUp = System.nanoTime() + LONGEST_WAIT.toNanos();
    do {
      JournalHorizon.Observation look = store.observe(horizon.seen());
      target = target == 0 ? look.lastSeq() : target;
      complete = horizon.advance(look);
      if (complete < target) {
        java.util.concurrent.locks.LockSupport.parkNanos(PAUSE_NANOS);
      }
    } while (complete < target && System.nanoTime() < giveUp);
    return complete;
  }
}
