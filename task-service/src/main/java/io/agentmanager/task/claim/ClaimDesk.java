package io.agentmanager.task.claim;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.event.WorkflowEvent.StepCompleted;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.BackgroundLoop;
import io.agentmanager.journal.Bell;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.Outages;
import io.agentmanager.task.limit.Allowances;
import io.agentmanager.task.worker.WorkerDepartures;
import io.agentmanager.task.write.HandOver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.stereotype.Component;

/**
 * Where claims come in and wait. One thread looks for all of them at once: for new claims, for
 * parked ones whose bell was rung, and once a second for all, so that a lost ring costs a second. A
 * claim is registered before it looks, so no ring falls between; one whose look would find nothing
 * is parked without it. Whoever makes steps ready here may take parked claims out and serve them
 * itself.
 */
@Component
class ClaimDesk extends BackgroundLoop implements CommitListener, WorkerDepartures {
  private static final Logger log = LoggerFactory.getLogger(ClaimDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  /** No capability has that name. */
  private static final String ANY = "";

  private static final int MOST_WAITING = 20_000;

  private final ClaimReadySteps claims;
  private final ClaimFloors floors;
  private final Allowances allowances;
  private final InstantSource clock;
  private final Bell bell = new Bell();
  private final ConcurrentLinkedQueue<Waiting> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final Set<Ring> rung = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Waiting> returned = new ConcurrentLinkedQueue<>();
  private final Map<Gone, Instant> gone = new ConcurrentHashMap<>();
  private final Set<StepKey> handedOver = ConcurrentHashMap.newKeySet();

  /** Guarded by itself. */
  private final List<Waiting> parked = new ArrayList<>();

  private Instant lastLook = Instant.EPOCH;

  ClaimDesk(
      ClaimReadySteps claims, ClaimFloors floors, Allowances allowances, InstantSource clock) {
    super("claim-desk");
    this.claims = claims;
    this.floors = floors;
    this.allowances = allowances;
    this.clock = clock;
  }

  private record Ring(TenantId tenant, String capability) {}

  private record Gone(TenantId tenant, String worker) {}

  /** A claim, and whom to tell. */
  record Waiting(Claim claim, Instant since, CompletableFuture<List<ClaimedTask>> answer) {
    Waiting repeated() {
      return new Waiting(claim.repeated(), since, answer);
    }

    /** Answers it, unless there is nothing for it. */
    void answer(@Nullable List<ClaimedTask> tasks) {
      if (tasks != null) {
        answer.complete(tasks);
      }
    }
  }

  /** A claim that was taken out, and what is meant for it. */
  record Match(Waiting waiting, List<HandOver.Ready> steps) {}

  /**
   * Hands out steps, now or when some become ready; an empty list when none did in time.
   *
   * @throws ProblemException 503 when too many claims wait
   */
  CompletableFuture<List<ClaimedTask>> claim(Claim claim) {
    if (!isRunning() || waitingCount.get() >= MOST_WAITING) {
      throw ProblemException.of(ProblemType.UNAVAILABLE, "No claim can wait here now.");
    }
    Waiting waiting = new Waiting(claim, clock.instant(), new CompletableFuture<>());
    waitingCount.incrementAndGet();
    var unused = waiting.answer().whenComplete((tasks, failure) -> waitingCount.decrementAndGet());
    if (!isParkedAtOnce(waiting)) {
      arrived.add(waiting);
      bell.ring();
    }
    dismissAllIfStopped();
    return waiting.answer();
  }

  /**
   * Parks it if its look would find nothing, and asks again: what becomes ready before the second
   * question makes it look, what does so later rings for it.
   */
  private boolean isParkedAtOnce(Waiting waiting) {
    if (!findsNothing(waiting.claim())) {
      return false;
    }
    park(waiting);
    return findsNothing(waiting.claim()) || !unpark(waiting);
  }

  @Override
  public void left(TenantId tenant, String worker) {
    gone.put(new Gone(tenant, worker), clock.instant());
    bell.ring();
  }

  @Override
  public void committed(List<JournalEntry> entries) {
    for (JournalEntry entry : entries) {
      if (entry.event() instanceof StepReady ready && !handedOver.remove(key(ready))) {
        floors.becameReady(ready);
        rung.add(new Ring(ready.tenantId(), ready.capability()));
      }
      if (entry.event() instanceof StepCompleted done
          && allowances.isLimitedAtATime(done.tenantId())) {
        // It makes room for any other of the tenant.
        rung.add(new Ring(done.tenantId(), ANY));
      }
    }
    if (!rung.isEmpty()) {
      bell.ring();
    }
  }

  /**
   * Takes out parked claims that can have these steps, the most urgent steps first. Each is to be
   * answered or put back.
   */
  List<Match> match(List<HandOver.Ready> ready) {
    Matching matching = new Matching(ready, clock.instant());
    synchronized (parked) {
      parked.removeIf(waiting -> !isGone(waiting) && matching.takes(waiting));
    }
    return matching.matches();
  }

  /**
   * These claims wait again, and look once: their steps may have become free meanwhile, or be
   * theirs by a commit that nobody heard of.
   */
  void putBack(List<Match> matches) {
    if (!matches.isEmpty()) {
      matches.forEach(match -> returned.add(match.waiting().repeated()));
      bell.ring();
      dismissAllIfStopped();
    }
  }

  /** Nobody need look for these steps when their events come by. */
  void handedOver(Set<StepKey> steps) {
    handedOver.addAll(steps);
  }

  private static StepKey key(StepReady ready) {
    return new StepKey(new WorkflowKey(ready.tenantId(), ready.workflowId()), ready.stepId());
  }

  @Override
  protected void work() throws InterruptedException {
    try {
      while (isRunning()) {
        bell.await(pause());
        undisturbed(() -> serve(due()));
      }
    } finally {
      dismissAllIfStopped();
    }
  }

  /** Nobody looks any more: whoever waits, or comes back, is told that there is nothing. */
  private void dismissAllIfStopped() {
    if (!isRunning()) {
      parked().forEach(waiting -> waiting.answer().complete(List.of()));
      arrived.forEach(waiting -> waiting.answer().complete(List.of()));
      returned.forEach(waiting -> waiting.answer().complete(List.of()));
    }
  }

  /** How many claims have no answer yet. */
  int waiting() {
    return waitingCount.get();
  }

  private List<Waiting> parked() {
    synchronized (parked) {
      return List.copyOf(parked);
    }
  }

  private Duration pause() {
    Instant now = clock.instant();
    Duration shortest = Duration.between(now, lastLook.plus(LOOK));
    for (Waiting waiting : parked()) {
      Duration left = Duration.between(now, waiting.claim().until());
      shortest = left.compareTo(shortest) < 0 ? left : shortest;
    }
    return shortest.compareTo(SHORTEST) < 0 ? SHORTEST : shortest;
  }

  /** Takes out of the parked claims those that are to look now, and adds the new ones. */
  private List<Waiting> due() {
    Instant now = clock.instant();
    boolean everybody = !now.isBefore(lastLook.plus(LOOK));
    lastLook = everybody ? now : lastLook;
    Set<Ring> rings = Set.copyOf(rung);
    rung.removeAll(rings);
    List<Waiting> due = new ArrayList<>();
    synchronized (parked) {
      parked.removeIf(
          waiting -> {
            boolean looks =
                everybody
                    || waiting.answer().isDone()
                    || !now.isBefore(waiting.claim().until())
                    || isRung(waiting.claim(), rings);
            return looks && due.add(waiting);
          });
    }
    for (Waiting next = returned.poll(); next != null; next = returned.poll()) {
      due.add(next);
    }
    List<Waiting> others = parked();
    for (Waiting next = arrived.poll(); next != null; next = arrived.poll()) {
      supersede(next.claim(), others);
      supersede(next.claim(), due);
      due.add(next);
    }
    due.removeIf(waiting -> waiting.answer().isDone());
    dismissGone(due);
    return due;
  }

  /** Whether its look would find nothing; not of one that ends before the desk looks at all. */
  private boolean findsNothing(Claim claim) {
    return !claim.mayHold()
        && clock.instant().plus(LOOK).isBefore(claim.until())
        && claim.capabilities().stream()
            .allMatch(capability -> floors.isAtEnd(claim.tenant(), capability));
  }

  /** A worker that left gets nothing more, whatever it still waits for. */
  private void dismissGone(List<Waiting> due) {
    if (gone.isEmpty()) {
      return;
    }
    Predicate<Waiting> dismissed =
        waiting -> isGone(waiting) && waiting.answer().complete(List.of());
    synchronized (parked) {
      parked.removeIf(dismissed);
    }
    due.removeIf(dismissed);
    Instant longAgo = clock.instant().minus(LONGEST_WAIT);
    gone.values().removeIf(at -> at.isBefore(longAgo));
  }

  /** Whether its worker left after it had come. */
  private boolean isGone(Waiting waiting) {
    Instant left = gone.get(new Gone(waiting.claim().tenant(), waiting.claim().worker()));
    return left != null && !left.isBefore(waiting.since());
  }

  private static boolean isRung(Claim claim, Set<Ring> rings) {
    return rings.contains(new Ring(claim.tenant(), ANY))
        || claim.capabilities().stream()
            .anyMatch(capability -> rings.contains(new Ring(claim.tenant(), capability)));
  }

  /** A repeated claim takes the place of the one whose answer nobody waits for any more. */
  private static void supersede(Claim repeat, List<Waiting> earlier) {
    if (repeat.claimId() == null) {
      return;
    }
    for (Waiting waiting : earlier) {
      Claim old = waiting.claim();
      if (repeat.claimId().equals(old.claimId())
          && repeat.worker().equals(old.worker())
          && repeat.tenant().equals(old.tenant())) {
        waiting.answer().complete(List.of());
      }
    }
  }

  private void serve(List<Waiting> due) {
    if (due.isEmpty()) {
      return;
    }
    try {
      Map<Claim, List<ClaimedTask>> served =
          claims.claim(due.stream().map(Waiting::claim).distinct().toList());
      due.forEach(waiting -> answer(waiting, served.getOrDefault(waiting.claim(), List.of())));
    } catch (ConcurrencyFailureException e) {
      log.info("claims met others and look again: {}", e.toString());
      due.forEach(this::park);
    } catch (RuntimeException | Error e) {
      serveApart(due, e);
    }
  }

  /** What one tenant's claims run into is not to end those of others. */
  private void serveApart(List<Waiting> due, Throwable failure) {
    Map<TenantId, List<Waiting>> tenants =
        due.stream().collect(Collectors.groupingBy(waiting -> waiting.claim().tenant()));
    if (tenants.size() > 1 && !Outages.isOutage(failure)) {
      log.info("claims are served for each tenant alone: {}", failure.toString());
      tenants.values().forEach(this::serve);
    } else {
      log.warn("claims of {} could not be served: {}", tenants.keySet(), failure.toString());
      due.forEach(waiting -> waiting.answer().completeExceptionally(failure));
    }
  }

  private void answer(Waiting waiting, List<ClaimedTask> tasks) {
    if (!tasks.isEmpty() || !clock.instant().isBefore(waiting.claim().until())) {
      waiting.answer().complete(tasks);
    } else {
      park(waiting);
    }
  }

  private void park(Waiting waiting) {
    synchronized (parked) {
      parked.add(waiting);
    }
  }

  /** False when somebody took it out already. */
  private boolean unpark(Waiting waiting) {
    synchronized (parked) {
      return parked.remove(waiting);
    }
  }
}
