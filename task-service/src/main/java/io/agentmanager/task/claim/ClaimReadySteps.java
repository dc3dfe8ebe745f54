package io.agentmanager.task.claim;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.lifecycle.Lifecycle;
import io.agentmanager.task.limit.Allowances;
import io.agentmanager.task.worker.LeaseSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Hands ready steps to many claims in one transaction: highest priority first, then the oldest.
 * Locks step rows with SKIP LOCKED and touches no workflow row.
 */
@Component
class ClaimReadySteps {
  private static final int ROUNDS = 50;
  private final TransactionTemplate transaction;
  private final ClaimStore store;
  private final FileLockStore fileLocks;
  private final JournalStore journal;
  private final ClaimedTaskReader bodies;
  private final LeaseSettings leases;
  private final Allowances allowances;
  private final InstantSource clock;
  private final ObjectProvider<CommitListener> listeners;

  ClaimReadySteps(
      TransactionTemplate transaction,
      ClaimStore store,
      FileLockStore fileLocks,
      JournalStore journal,
      ClaimedTaskReader bodies,
      LeaseSettings leases,
      Allowances allowances,
      InstantSource clock,
      ObjectProvider<CommitListener> listeners) {
    this.transaction = transaction;
    this.store = store;
    this.fileLocks = fileLocks;
    this.journal = journal;
    this.bodies = bodies;
    this.leases = leases;
    this.allowances = allowances;
    this.clock = clock;
    this.listeners = listeners;
  }

  /** A step that goes to a claim. */
  record Handed(Claim claim, ClaimStore.Candidate step) {}

  private record Outcome(Map<Claim, List<ClaimedTask>> tasks, List<JournalEntry> entries) {}

  Map<Claim, List<ClaimedTask>> claim(List<Claim> claims) {
    Outcome outcome = transaction.execute(status -> claimWithin(claims));
    if (outcome == null) {
      return Map.of();
    }
    if (!outcome.entries().isEmpty()) {
      listeners.forEach(listener -> listener.committed(outcome.entries()));
    }
    return outcome.tasks();
  }

  private Outcome claimWithin(List<Claim> claims) {
    Instant now = clock.instant();
    Map<TenantId, Integer> rooms =
        allowances.rooms(claims.stream().map(Claim::tenant).toList(), now);
    List<Handed> repeated = store.heldBy(claims);
    Set<Claim> answered = repeated.stream().map(Handed::claim).collect(Collectors.toSet());
    Map<Claim.Group, List<Claim>> groups =
        claims.stream()
            .filter(claim -> !answered.contains(claim))
            // The files' guards of tenants are taken in this order.
            .sorted(Comparator.comparing(claim -> claim.tenant().value()))
            .collect(Collectors.groupingBy(Claim::group, LinkedHashMap::new, Collectors.toList()));
    Pipeline pipeline = store.pipeline();
    List<Handed> handed = new ArrayList<>();
    groups.forEach(
        (group, members) -> {
          int room = rooms.getOrDefault(group.tenant(), Integer.MAX_VALUE);
          List<Handed> got = hand(pipeline, group, members, room, now);
          rooms.computeIfPresent(group.tenant(), (tenant, before) -> before - got.size());
          handed.addAll(got);
        });
    List<JournalEntry> entries = handed.stream().map(h -> entry(h, now)).toList();
    journal.append(pipeline, entries, now);
    List<Handed> all = new ArrayList<>(repeated);
    all.addAll(handed);
    return new Outcome(bodies.read(pipeline, all), entries);
  }

  private static List<Handed> begin(Handed handed, Instant now) {
    return Lifecycle.claim(handed.step().state(), handed.claim().worker(), now).stream()
        .map(state -> new Handed(handed.claim(), handed.step().with(state)))
        .toList();
  }

  /**
   * Serves the claims of one group, looking again when files turn out to be taken. What is handed
   * out is begun at once, so that the next look does not find it again.
   */
  private List<Handed> hand(
      Pipeline pipeline, Claim.Group group, List<Claim> members, int room, Instant now) {
    List<Handed> handed = new ArrayList<>();
    int demand = Math.min(room, members.stream().mapToInt(Claim::max).sum());
    for (int round = 0; round < ROUNDS && handed.size() < demand; round++) {
      pipeline.flush();
      List<ClaimStore.Candidate> found = store.ready(group, demand - handed.size());
      List<ClaimStore.Candidate> free = withFiles(found, now);
      List<Handed> begun =
          assign(free, members, handed).stream().flatMap(h -> begin(h, now).stream()).toList();
      store.begin(pipeline, begun, now, leases);
      handed.addAll(begun);
      if (free.size() == found.size()) {
        break;
      }
    }
    return handed;
  }

  private List<ClaimStore.Candidate> withFiles(List<ClaimStore.Candidate> found, Instant now) {
    List<ClaimStore.Candidate> users =
        found.stream().filter(ClaimStore.Candidate::usesFiles).toList();
    if (users.isEmpty()) {
      return found;
    }
    Set<StepKey> granted = fileLocks.take(store.files(users), now);
    store.blockForFiles(users.stream().filter(c -> !granted.contains(c.key())).toList());
    return found.stream().filter(c -> !c.usesFiles() || granted.contains(c.key())).toList();
  }

  private static List<Handed> assign(
      List<ClaimStore.Candidate> free, List<Claim> members, List<Handed> before) {
    Map<Claim, Long> counts =
        new LinkedHashMap<>(
            before.stream()
                .map(Handed::claim)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting())));
    List<Handed> assigned = new ArrayList<>();
    var rest = free.iterator();
    for (Claim claim : members) {
      long has = counts.getOrDefault(claim, 0L);
      while (has < claim.max() && rest.hasNext()) {
        assigned.add(new Handed(claim, rest.next()));
        has++;
      }
    }
    return assigned;
  }

  static JournalEntry entry(Handed handed, Instant now) {
    Instant readyAt = handed.step().readyAt();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("client_id", handed.claim().worker());
    if (readyAt != null) {
      data.put("waited_ms", Math.max(0, Duration.between(readyAt, now).toMillis()));
    }
    return JournalEntry.noted(
        handed.step().key().workflow(),
        "step.claimed",
        handed.step().key().step(),
        handed.step().state().attempt(),
        data);
  }
}
