package io.agentmanager.task.write;

import io.agentmanager.diagnostics.ModelSpending;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.WorkflowTraces;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.limit.UsageStore;
import java.time.InstantSource;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Writes a batch of requests in one transaction, then tells whoever waits for what it says. */
@Component
public class WriteBatch {
  private final TransactionTemplate transaction;
  private final Stores stores;
  private final HandOver handOver;
  private final List<CommitListener> listeners;
  private final ModelSpending models;
  private final InstantSource clock;

  WriteBatch(
      TransactionTemplate transaction,
      Stores stores,
      HandOver handOver,
      List<CommitListener> listeners,
      ModelSpending models,
      InstantSource clock) {
    this.transaction = transaction;
    this.stores = stores;
    this.handOver = handOver;
    this.listeners = listeners;
    this.models = models;
    this.clock = clock;
  }

  /** Everything a batch reads and writes. */
  @Component
  record Stores(
      WorkflowStore workflows,
      StepStore steps,
      ResultStore results,
      ApprovalStore approvals,
      FileLockStore fileLocks,
      UsageStore usage,
      JournalStore journal,
      WorkflowTraces traces,
      JdbcTemplate jdbc) {}

  /** A batch that is ready to commit. */
  record Written(List<WriteReply> replies, List<JournalEntry> entries, Spending spending) {}

  /** Returns the replies, in the order of the requests, once everything has committed. */
  List<WriteReply> write(List<WriteRequest> requests) {
    BatchRun run = new BatchRun(stores, handOver, clock.instant());
    Written written = commit(run, requests);
    if (!written.entries().isEmpty()) {
      listeners.forEach(listener -> listener.committed(written.entries()));
    }
    written.spending().tell(models);
    return written.replies();
  }

  private Written commit(BatchRun run, List<WriteRequest> requests) {
    boolean committed = false;
    try {
      Written written = transaction.execute(status -> run.run(requests));
      if (written == null) {
        throw new IllegalStateException("a batch came to nothing");
      }
      committed = true;
      return written;
    } finally {
      if (committed) {
        run.offer().committed();
      } else {
        run.offer().rolledBack();
      }
    }
  }
}
