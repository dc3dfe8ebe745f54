package io.agentmanager.task.retention;

import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.RetentionLoop;
import io.agentmanager.journal.RetentionSettings;
import io.agentmanager.journal.Topics;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Removes finished workflows when their time is over, a few at a time. A tombstone stays until no
 * record of the workflow can come back from a topic or the dead letters, so that none revives it.
 */
@Component
public class RemoveFinished implements RetentionLoop.Sweep {
  private final RetentionStore store;
  private final JournalStore journal;
  private final TransactionTemplate transaction;
  private final RetentionSettings settings;
  private final InstantSource clock;

  /**
   * Removes by these settings.
   *
   * @throws IllegalStateException when tombstones would go before the records in Kafka
   */
  RemoveFinished(
      RetentionStore store,
      JournalStore journal,
      TransactionTemplate transaction,
      RetentionSettings settings,
      Topics topics,
      InstantSource clock) {
    if (settings.tombstones().compareTo(topics.retention()) < 0
        || settings.tombstones().compareTo(topics.deadLetterRetention()) < 0) {
      throw new IllegalStateException(
          "agentmanager.retention.tombstones must not be shorter than agentmanager.topics.retention"
              + " and agentmanager.topics.dead-letter-retention");
    }
    this.store = store;
    this.journal = journal;
    this.transaction = transaction;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public boolean removeSome() {
    Instant now = clock.instant();
    Integer removed = transaction.execute(status -> removeWithin(now));
    if (removed == null || removed < settings.batch()) {
      int tombstones = store.removeTombstonesBefore(now.minus(settings.tombstones()));
      store.removeUsageBefore(
          LocalDate.ofInstant(now.minus(settings.tombstones()), ZoneOffset.UTC));
      store.removeWorkersSilentSince(now.minus(settings.workers()));
      return tombstones > 0;
    }
    return true;
  }

  private int removeWithin(Instant now) {
    List<WorkflowKey> ended =
        store.lockEndedBefore(now.minus(settings.finished()), settings.batch());
    if (!ended.isEmpty()) {
      journal.remove(ended);
      store.remove(ended, now);
    }
    return ended.size();
  }
}
