package io.agentmanager.task.claim;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.lifecycle.Lifecycle;
import io.agentmanager.task.limit.Allowances;
import io.agentmanager.task.worker.LeaseSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Claims one named step, for a worker that was told of it. */
@Component
class ClaimStepById {
  private final TransactionTemplate transaction;
  private final ClaimStore store;
  private final FileLockStore fileLocks;
  private final JournalStore journal;
  private final ClaimedTaskReader bodies;
  private final LeaseSettings leases;
  private final Allowances allowances;
  private final ObjectProvider<CommitListener> listeners;
  private final InstantSource clock;

  ClaimStepById(
      TransactionTemplate transaction,
      ClaimStore store,
      FileLockStore fileLocks,
      JournalStore journal,
      ClaimedTaskReader bodies,
      LeaseSettings leases,
      Allowances allowances,
      ObjectProvider<CommitListener> listeners,
      InstantSource clock) {
    this.listeners = listeners;
    this.transaction = transaction;
    this.store = store;
    this.fileLocks = fileLocks;
    this.journal = journal;
    this.bodies = bodies;
    this.leases = leases;
    this.allowances = allowances;
    this.clock = clock;
  }

  /**
   * Claims it.
   *
   * @throws ProblemException 404 for an unknown step, 409 when it cannot be claimed
   */
  ClaimedTask claim(StepKey key, Claim claim) {
    Outcome outcome = transaction.execute(status -> claimWithin(key, claim));
    if (outcome == null) {
      throw notClaimable("nothing was claimed");
    }
    listeners.forEach(listener -> listener.committed(List.of(outcome.entry())));
    return outcome.task();
  }

  private record Outcome(ClaimedTask task, JournalEntry entry) {}

  private Outcome claimWithin(StepKey key, Claim claim) {
    Instant now = clock.instant();
    if (!allowances.hasRoomForOne(claim.tenant(), now)) {
      throw notClaimable("the tenant's limits leave no room for it now");
    }
    ClaimStore.Candidate step =
        store
            .lock(key)
            .orElseThrow(() -> ProblemException.of(ProblemType.NOT_FOUND, "No such step."));
    if (!claim.capabilities().contains(step.state().capability())) {
      throw notClaimable("it needs the capability " + step.state().capability());
    }
    ClaimStore.Candidate begun =
        Lifecycle.claim(step.state(), claim.worker(), now)
            .map(step::with)
            .orElseThrow(() -> notClaimable("it is " + step.state().status()));
    if (step.usesFiles() && fileLocks.take(store.files(List.of(step)), now).isEmpty()) {
      throw notClaimable("a file that it needs is taken");
    }
    ClaimReadySteps.Handed handed = new ClaimReadySteps.Handed(claim, begun);
    Pipeline pipeline = store.pipeline();
    store.begin(pipeline, List.of(handed), now, leases);
    JournalEntry entry = ClaimReadySteps.entry(handed, now);
    journal.append(pipeline, List.of(entry), now);
    return new Outcome(
        bodies.read(pipeline, List.of(handed)).getOrDefault(claim, List.of()).getFirst(), entry);
  }

  private static ProblemException notClaimable(String why) {
    return ProblemException.of(
        ProblemType.NOT_CLAIMABLE, "The step cannot be claimed: " + why + ".");
  }
}
