package io.agentmanager.journal;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Knows up to which number the journal is complete: no transaction that is still running can add a
 * row at or below it.
 *
 * <p>A number is drawn after its transaction has an id. So once every transaction that had an id
 * when the number <em>n</em> was the last one drawn has ended, all rows up to <em>n</em> are either
 * visible or will never be. Transaction ids are only compared while the process lives; what is
 * stored is the journal's own number, which a restored copy of the database keeps.
 */
final class JournalHorizon {
  private final Deque<Observation> waiting = new ArrayDeque<>();
  private long complete;
  private long seen;

  /**
   * One look at the database.
   *
   * @param lastSeq the last number drawn, read before the snapshot was taken
   * @param oldestRunning every transaction below this id has ended
   * @param nextId when the last number was read, no transaction had this id or a higher one
   */
  record Observation(long lastSeq, long oldestRunning, long nextId) {}

  /** Takes in a look and returns the number up to which the journal is complete. */
  long advance(Observation now) {
    if (now.lastSeq() > seen) {
      seen = now.lastSeq();
      waiting.addLast(now);
    }
    while (!waiting.isEmpty() && waiting.getFirst().nextId() <= now.oldestRunning()) {
      complete = Math.max(complete, waiting.removeFirst().lastSeq());
    }
    return complete;
  }

  /** The last number that was looked at. */
  long seen() {
    return seen;
  }

  /** Whether numbers were seen that are not known to be complete yet. */
  boolean isBehind() {
    return !waiting.isEmpty();
  }
}
