package io.agentmanager.task.write;

import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.task.lifecycle.StepState;
import java.time.Instant;
import java.util.List;

/**
 * Hands what a batch makes ready to workers that wait for it, within the batch's transaction: the
 * step before and the claim of the next commit together, once.
 */
public interface HandOver {
  /**
   * Writes the claims of waiting workers. The transaction holds the rows of these steps, and has
   * written them as ready.
   */
  Offer offer(List<Ready> ready, Instant now);

  /** A step that a batch has made ready. */
  record Ready(StepKey key, StepState state) {}

  /** What was handed out if the transaction commits; one of the two ends is called, once. */
  interface Offer {
    /** Nothing for nobody. */
    Offer NONE =
        new Offer() {
          @Override
          public List<JournalEntry> entries() {
            return List.of();
          }

          @Override
          public void committed() {}

          @Override
          public void rolledBack() {}
        };

    /** What the journal is to say of it. */
    List<JournalEntry> entries();

    /** The workers may have what was written for them. */
    void committed();

    /** The workers go on waiting. */
    void rolledBack();
  }
}
