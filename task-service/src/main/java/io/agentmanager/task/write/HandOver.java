package io.agentmanager.task.write;

import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.lifecycle.StepState;
import java.util.List;
import java.util.Set;

/**
 * Hands what a batch makes ready to workers that wait for it, within the batch's transaction: the
 * step before and the claim of the next commit together, and the row of the next is written once.
 */
public interface HandOver {
  /**
   * Writes the claims of waiting workers, instead of the fact that the steps are ready. The
   * transaction holds the rows of these steps. Where a worker waits, what the pipeline holds is
   * written first.
   */
  Offer offer(Pipeline pipeline, List<Ready> ready);

  /** A step that a batch makes ready. */
  record Ready(StepKey key, StepState state) {}

  /** What is handed out if the transaction commits; one of the two ends is called, once. */
  interface Offer {
    /** Nothing for nobody. */
    Offer NONE =
        new Offer() {
          @Override
          public Set<StepKey> handed() {
            return Set.of();
          }

          @Override
          public List<JournalEntry> entries() {
            return List.of();
          }

          @Override
          public void complete(Pipeline pipeline) {
            pipeline.flush();
          }

          @Override
          public void committed() {}

          @Override
          public void rolledBack() {}
        };

    /** The steps whose rows are written. */
    Set<StepKey> handed();

    /** What the journal is to say of them. */
    List<JournalEntry> entries();

    /** Writes the rest of the batch, which the pipeline holds, and reads what the workers need. */
    void complete(Pipeline pipeline);

    /** The workers may have what was written for them. */
    void committed();

    /** The workers go on waiting. */
    void rolledBack();
  }
}
