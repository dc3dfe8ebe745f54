package io.agentmanager.task.lock;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.worker.LeaseSettings;
import io.agentmanager.task.worker.Workers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes and lets go of files that a running attempt found it needs. The attempt is the fencing
 * token: only the one that runs gets a lock, and the lock falls with it. A worker that asks, or
 * that waits for the answer, is alive: its lease goes on.
 */
@Component
class TakeFileLock {
  private final TransactionTemplate transaction;
  private final FileLockStore locks;
  private final LockWaitStore waits;
  private final LockDesk desk;
  private final Workers workers;
  private final LeaseSettings leases;
  private final JournalStore journal;
  private final ObjectProvider<CommitListener> listeners;
  private final InstantSource clock;

  TakeFileLock(
      TransactionTemplate transaction,
      FileLockStore locks,
      LockWaitStore waits,
      LockDesk desk,
      Workers workers,
      LeaseSettings leases,
      JournalStore journal,
      ObjectProvider<CommitListener> listeners,
      InstantSource clock) {
    this.transaction = transaction;
    this.locks = locks;
    this.waits = waits;
    this.desk = desk;
    this.workers = workers;
    this.leases = leases;
    this.journal = journal;
    this.listeners = listeners;
    this.clock = clock;
  }

  private record Outcome(LockReply reply, List<JournalEntry> entries) {}

  /** Takes the lock, waiting until that time if others hold it. Blocks. */
  LockReply take(FileLockStore.Use wanted, String worker, Instant until)
      throws InterruptedException {
    LockReply reply = hearAndTry(wanted, worker, until);
    if (!(reply instanceof LockReply.Taken) || !clock.instant().isBefore(until)) {
      return reply;
    }
    try {
      while (reply instanceof LockReply.Taken && clock.instant().isBefore(until)) {
        desk.awaitFree(wanted, shorter(Duration.between(clock.instant(), until)));
        reply = hearAndTry(wanted, worker, until);
      }
      return reply;
    } finally {
      if (!(reply instanceof LockReply.Granted)) {
        forget(wanted);
      }
    }
  }

  private Duration shorter(Duration wait) {
    Duration heartbeat = leases.heartbeatInterval();
    return wait.compareTo(heartbeat) < 0 ? wait : heartbeat;
  }

  private LockReply hearAndTry(FileLockStore.Use wanted, String worker, Instant until) {
    StepKey step = wanted.step();
    workers.heard(
        step.workflow().tenant(),
        worker,
        new AttemptRef(step.workflow().workflow().value(), step.step().value(), wanted.attempt()));
    return tryOnce(wanted, worker, until);
  }

  /** A wait that nobody waits any more would close circles that are none. */
  private void forget(FileLockStore.Use wanted) {
    boolean interrupted = Thread.interrupted();
    try {
      transaction.executeWithoutResult(status -> waits.forget(wanted));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Lets go of a lock; false when there is none of that id.
   *
   * @throws ProblemException 403 when it is held under another caller's name
   */
  boolean release(Caller caller, UUID lockId) {
    TenantId tenant = caller.tenant();
    locks.workerOf(tenant, lockId).ifPresent(worker -> workers.requireOwner(caller, worker));
    List<JournalEntry> entries =
        transaction.execute(
            status -> locks.release(tenant, lockId).map(this::freed).orElse(List.of()));
    tell(entries == null ? List.of() : entries);
    return entries != null && !entries.isEmpty();
  }

  private LockReply tryOnce(FileLockStore.Use wanted, String worker, Instant until) {
    Outcome outcome = transaction.execute(status -> within(wanted, worker, until));
    if (outcome == null) {
      throw new IllegalStateException("a lock came to nothing");
    }
    tell(outcome.entries());
    return outcome.reply();
  }

  private Outcome within(FileLockStore.Use wanted, String worker, Instant until) {
    Instant now = clock.instant();
    LockWaitStore.Step step = waits.lockStep(wanted.step()).orElse(null);
    if (step == null) {
      return new Outcome(new LockReply.UnknownStep(), List.of());
    }
    Instant leaseUntil = step.leaseUntil();
    if (!step.running() || step.attempt() != wanted.attempt() || leaseUntil == null) {
      return new Outcome(new LockReply.Stale("The attempt is not the current one."), List.of());
    }
    if (!worker.equals(step.worker())) {
      return new Outcome(new LockReply.Stale("The attempt is held by another worker."), List.of());
    }
    List<FileLockStore.Holder> holders =
        locks.guardedHolders(wanted.step().workflow().tenant(), wanted.path());
    Optional<FileLockStore.Holder> other =
        holders.stream()
            .filter(h -> !h.step().equals(wanted.step()))
            .filter(h -> !h.access().isCompatibleWith(wanted.access()))
            .findFirst();
    if (other.isPresent()) {
      return new Outcome(wait(wanted, other.get(), until, now), List.of());
    }
    Optional<FileLockStore.Holder> own =
        holders.stream().filter(h -> h.step().equals(wanted.step())).findFirst();
    return grant(wanted, own, leaseUntil, now);
  }

  private LockReply wait(
      FileLockStore.Use wanted, FileLockStore.Holder other, Instant until, Instant now) {
    boolean waits = !now.isBefore(until) || this.waits.note(wanted, until, now);
    return waits ? new LockReply.Taken(other) : new LockReply.Circle(other);
  }

  private Outcome grant(
      FileLockStore.Use wanted,
      Optional<FileLockStore.Holder> own,
      Instant expiresAt,
      Instant now) {
    waits.forget(wanted);
    TenantId tenant = wanted.step().workflow().tenant();
    boolean enough = own.filter(h -> covers(h.access(), wanted.access())).isPresent();
    if (own.isPresent() && !enough) {
      locks.strengthen(tenant, own.get().lockId(), wanted.access());
    }
    UUID id = own.map(FileLockStore.Holder::lockId).orElseGet(() -> locks.insert(wanted, now));
    List<JournalEntry> entries =
        enough ? List.of() : List.of(entry("step.lock_taken", wanted, wanted.access()));
    journal.append(entries, now);
    return new Outcome(new LockReply.Granted(new LockAnswer(id.toString(), expiresAt)), entries);
  }

  private static boolean covers(AccessType held, AccessType wanted) {
    return held.ordinal() >= wanted.ordinal();
  }

  private List<JournalEntry> freed(FileLockStore.Use released) {
    List<JournalEntry> entries =
        new java.util.ArrayList<>(
            List.of(
                JournalEntry.noted(
                    released.step().workflow(),
                    "step.lock_released",
                    released.step().step(),
                    released.attempt(),
                    Map.of("path", released.path()))));
    locks
        .unblock(
            List.of(
                new FileLockStore.File(
                    released.step().workflow().tenant().value(), released.path())))
        .forEach(
            free ->
                entries.add(
                    JournalEntry.published("step.ready", free.stepId(), free.attempt() - 1, free)));
    journal.append(entries, clock.instant());
    return entries;
  }

  private static JournalEntry entry(String type, FileLockStore.Use use, AccessType access) {
    return JournalEntry.noted(
        use.step().workflow(),
        type,
        use.step().step(),
        use.attempt(),
        Map.of("path", use.path(), "access", access));
  }

  private void tell(List<JournalEntry> entries) {
    if (!entries.isEmpty()) {
      listeners.forEach(listener -> listener.committed(entries));
    }
  }
}
