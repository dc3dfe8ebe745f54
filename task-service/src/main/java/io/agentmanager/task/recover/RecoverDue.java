package io.agentmanager.task.recover;

import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.task.event.AskNeighbours;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.lock.LockWaitStore;
import io.agentmanager.task.workflow.AdoptWorkflow;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** One look at everything that is due: what time has decided, and what a lost event left behind. */
@Component
class RecoverDue {
  private static final Logger log = LoggerFactory.getLogger(RecoverDue.class);
  private static final Duration PLANNING_PATIENCE = Duration.ofSeconds(5);
  private final Aside adopting = new Aside("adopt-forgotten");
  private final Aside asking = new Aside("ask-again");
  private final DueStore store;
  private final WriteLanes lanes;
  private final FileLockStore fileLocks;
  private final JournalStore journal;
  private final TransactionTemplate transaction;
  private final List<CommitListener> listeners;
  private final AdoptWorkflow adopt;
  private final LockWaitStore lockWaits;
  private final AskNeighbours neighbours;
  private final RecoverySettings settings;
  private final InstantSource clock;

  RecoverDue(
      DueStore store,
      WriteLanes lanes,
      FileLockStore fileLocks,
      JournalStore journal,
      TransactionTemplate transaction,
      List<CommitListener> listeners,
      AdoptWorkflow adopt,
      LockWaitStore lockWaits,
      AskNeighbours neighbours,
      RecoverySettings settings,
      InstantSource clock) {
    this.lockWaits = lockWaits;
    this.neighbours = neighbours;
    this.settings = settings;
    this.store = store;
    this.lanes = lanes;
    this.fileLocks = fileLocks;
    this.journal = journal;
    this.transaction = transaction;
    this.listeners = listeners;
    this.adopt = adopt;
    this.clock = clock;
  }

  /**
   * Looks once.
   *
   * @param leasesBefore leases that were over before this time may end
   */
  void look(Instant leasesBefore) {
    Instant now = clock.instant();
    List<Runnable> looks =
        List.of(
            () -> loseLeases(leasesBefore),
            () ->
                apply(
                    store.overrunning(now),
                    d -> new Command.Fail(d.step(), d.attempt(), timeout())),
            () -> apply(store.backoffsOver(now), d -> new Command.EndBackoff(d.step())),
            () -> apply(store.missedDeadlines(now), d -> new Command.MissDeadline()),
            () -> unblockFiles(now),
            () -> lockWaits.forgetOver(now),
            () -> askAgain(store.awaitedSince(now.minus(settings.askAgainAfter()), now)),
            () -> adoptForgotten(store.planningSince(now.minus(PLANNING_PATIENCE))));
    looks.forEach(RecoverDue::lookAlone);
  }

  /**
   * What fails for one kind of due things must not keep the others waiting; a lost database may.
   */
  private static void lookAlone(Runnable look) {
    try {
      look.run();
    } catch (DataAccessException e) {
      throw e;
    } catch (RuntimeException e) {
      log.warn("something due could not be done now: {}", e.toString());
    }
  }

  private void loseLeases(Instant before) {
    apply(store.lostLeases(before), d -> new Command.LoseLease(d.step(), d.attempt()));
  }

  private void adoptForgotten(List<WorkflowKey> keys) {
    adopting.run(keys, this::adoptAgain);
  }

  /** Whoever must end a phase may have lost the news of it; asking again changes nothing else. */
  private void askAgain(List<DueStore.Awaited> awaited) {
    asking.run(awaited, one -> lookAlone(() -> ask(one)));
  }

  private void ask(DueStore.Awaited one) {
    log.info("{} is {} for long; asking again", one.workflow(), one.status());
    if (one.status() == WorkflowStatus.AUDITING) {
      neighbours.forAudit(one.workflow(), one.cycle());
    } else {
      neighbours.forSynthesis(one.workflow(), one.cycle());
    }
  }

  private interface ToCommand {
    Command of(DueStore.Due due);
  }

  private void apply(List<DueStore.Due> due, ToCommand command) {
    List<CompletableFuture<WriteReply>> replies =
        due.stream()
            .map(d -> lanes.submit(WriteRequest.Apply.of(d.workflow(), command.of(d))))
            .toList();
    replies.forEach(CompletableFuture::join);
  }

  private void unblockFiles(Instant now) {
    List<JournalEntry> entries =
        transaction.execute(
            status -> {
              List<JournalEntry> ready =
                  fileLocks.unblockFree().stream().map(RecoverDue::entry).toList();
              journal.append(ready, now);
              return ready;
            });
    if (entries != null && !entries.isEmpty()) {
      listeners.forEach(listener -> listener.committed(entries));
    }
  }

  private void adoptAgain(WorkflowKey key) {
    lookAlone(
        () -> {
          boolean unused = adopt.adopt(key);
        });
  }

  private static JournalEntry entry(StepReady ready) {
    return JournalEntry.published("step.ready", ready.stepId(), ready.attempt() - 1, ready);
  }

  private static StepError timeout() {
    return new StepError("timeout", "The attempt ran longer than its timeout.", Boolean.TRUE);
  }
}
