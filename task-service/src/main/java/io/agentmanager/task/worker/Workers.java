package io.agentmanager.task.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.contracts.api.WorkerView;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Registration, signs of life, and what a worker holds. A worker's name is the caller's that used
 * it first, until the worker leaves, or has been silent for a minute and holds nothing;
 * administrators may use any.
 */
@Component
public class Workers {
  private static final int DEFAULT_PARALLEL = 2;
  private static final Duration OWNERS_REMEMBERED = Duration.ofSeconds(5);
  private final WorkerStore store;
  private final WorkerQueries queries;
  private final WriteLanes lanes;
  private final LeaseSettings leases;
  private final RecentlySeen recently;
  private final RecentlySeen owners = new RecentlySeen(OWNERS_REMEMBERED);
  private final ObjectProvider<WorkerDepartures> departures;
  private final InstantSource clock;

  Workers(
      WorkerStore store,
      WorkerQueries queries,
      WriteLanes lanes,
      ObjectProvider<WorkerDepartures> departures,
      LeaseSettings leases,
      InstantSource clock) {
    this.store = store;
    this.queries = queries;
    this.departures = departures;
    this.lanes = lanes;
    this.leases = leases;
    this.clock = clock;
    this.recently = new RecentlySeen(Duration.ofSeconds(1));
  }

  /**
   * Registers a worker; another instance takes over and ends the leases of the one before.
   *
   * @throws ProblemException 403 when the name is another caller's
   */
  WorkerTerms register(Caller caller, String worker, WorkerRegistration registration) {
    TenantId tenant = caller.tenant();
    Instant now = clock.instant();
    Optional<String> before = store.instance(tenant, worker);
    int parallel =
        registration.maxParallelTasks() == null
            ? DEFAULT_PARALLEL
            : registration.maxParallelTasks();
    if (!store.register(caller, worker, registration, parallel, now)) {
      throw foreign(worker);
    }
    boolean takenOver =
        registration.instanceId() != null
            && before.isPresent()
            && !before.get().equals(registration.instanceId());
    if (takenOver) {
      departures.forEach(listener -> listener.left(tenant, worker));
      end(
          tenant,
          // A call that was held up ends nothing that its own process has claimed since.
          store.held(tenant, List.of(worker)).stream()
              .filter(held -> held.claimedAt().isBefore(now))
              .toList(),
          a -> new Command.LoseLease(new StepId(a.stepId()), a.attempt()));
    }
    return new WorkerTerms(
        Math.toIntExact(leases.heartbeatInterval().toSeconds()), leases.leaseSec());
  }

  /** Whether another sign of life of this worker would change nothing: it was heard of just now. */
  public boolean wasSeenLately(Caller caller, String worker) {
    return recently.isKnown(caller, worker, clock.instant());
  }

  /**
   * A sign of life of a worker that may be new: a shell script needs no registration.
   *
   * @throws ProblemException 403 when the name is another caller's
   */
  public void registerByTheWay(Caller caller, String worker, Set<String> capabilities) {
    Instant now = clock.instant();
    if (recently.isKnown(caller, worker, now)) {
      return;
    }
    if (!store.seen(caller, worker, capabilities, now)) {
      throw foreign(worker);
    }
    note(caller, worker, now);
  }

  /**
   * A sign of life of a registered worker.
   *
   * @throws ProblemException 404 when it is not registered, 403 when the name is another caller's
   */
  public void seen(Caller caller, String worker) {
    Instant now = clock.instant();
    if (recently.isKnown(caller, worker, now)) {
      return;
    }
    if (!store.seenOf(caller, worker, null, now)) {
      throw unknownOrForeign(caller, worker);
    }
    note(caller, worker, now);
  }

  private void note(Caller caller, String worker, Instant now) {
    recently.note(caller, worker, now);
    owners.note(caller, worker, now);
  }

  /** Whether {@link #requireOwner} would say yes without asking the database. */
  public boolean isKnownOwner(Caller caller, String worker) {
    return caller.isAdministrator() || owners.isKnown(caller, worker, clock.instant());
  }

  /**
   * Makes sure that the caller may speak as this worker. Blocking, unless that is known.
   *
   * @throws ProblemException 403 when the name is another caller's
   */
  public void requireOwner(Caller caller, String worker) {
    if (isKnownOwner(caller, worker)) {
      return;
    }
    Optional<String> owner = store.owner(caller.tenant(), worker, clock.instant());
    if (owner.isPresent() && !owner.get().equals(caller.name())) {
      throw foreign(worker);
    }
    if (owner.isPresent()) {
      owners.note(caller, worker, clock.instant());
    }
  }

  /**
   * Extends what is running, says what is lost, and takes back what the worker never got.
   *
   * @throws ProblemException 404 when it is not registered, 403 when the name is another caller's,
   *     409 when another process has taken the name over and lives
   */
  HeartbeatAnswer heartbeat(Caller caller, String worker, Heartbeat beat) {
    List<AttemptRef> running = beat.runningList();
    TenantId tenant = caller.tenant();
    Instant now = clock.instant();
    if (!store.seenOf(caller, worker, beat.instanceId(), now)) {
      recently.forget(tenant, worker);
      requireNoRival(caller, worker, beat.instanceId());
      throw unknownOrForeign(caller, worker);
    }
    owners.note(caller, worker, now);
    Set<AttemptRef> extended =
        new HashSet<>(store.extend(tenant, worker, running, now.plus(leases.lease())));
    List<AttemptRef> gone = running.stream().filter(a -> !extended.contains(a)).toList();
    List<AttemptRef> cancelled = store.cancelled(tenant, gone);
    takeBackUnlisted(tenant, worker, running, now);
    return new HeartbeatAnswer(
        gone.stream().filter(a -> !cancelled.contains(a)).toList(), cancelled, leases.leaseSec());
  }

  /** The attempt's worker was heard of: extends its lease. */
  public void heard(TenantId tenant, String worker, AttemptRef attempt) {
    store.extend(tenant, worker, List.of(attempt), clock.instant().plus(leases.lease()));
  }

  /**
   * Lets a worker go; what it holds goes back at once.
   *
   * @throws ProblemException 404 when it is not registered, 403 when the name is another caller's,
   *     409 when another process has taken the name over and lives
   */
  void leave(Caller caller, String worker, @Nullable String instance) {
    TenantId tenant = caller.tenant();
    boolean known = store.delete(caller, worker, instance);
    if (!known) {
      requireNoRival(caller, worker, instance);
      throw unknownOrForeign(caller, worker);
    }
    recently.forget(tenant, worker);
    owners.forget(tenant, worker);
    departures.forEach(listener -> listener.left(tenant, worker));
    end(
        tenant,
        store.held(tenant, List.of(worker)),
        a -> new Command.Release(new StepId(a.stepId()), a.attempt(), "the worker left"));
  }

  List<WorkerView> list(TenantId tenant) {
    List<WorkerQueries.Row> rows = queries.list(tenant);
    Map<String, List<WorkerStore.Held>> held =
        queries.held(tenant, rows.stream().map(WorkerQueries.Row::worker).toList()).stream()
            .collect(Collectors.groupingBy(WorkerStore.Held::worker));
    Instant silentBefore = clock.instant().minus(leases.lease());
    return rows.stream()
        .map(row -> view(row, held.getOrDefault(row.worker(), List.of()), silentBefore))
        .toList();
  }

  private void takeBackUnlisted(
      TenantId tenant, String worker, List<AttemptRef> running, Instant now) {
    Set<AttemptRef> listed = new HashSet<>(running);
    Instant answered = now.minus(leases.unlistedGrace());
    List<WorkerStore.Held> unlisted =
        store.held(tenant, List.of(worker)).stream()
            .filter(h -> !listed.contains(h.attempt()) && h.claimedAt().isBefore(answered))
            .toList();
    end(
        tenant,
        unlisted,
        a ->
            new Command.Release(
                new StepId(a.stepId()), a.attempt(), "the worker does not list it"));
  }

  private void end(
      TenantId tenant, List<WorkerStore.Held> held, Function<AttemptRef, Command> command) {
    held.stream()
        .map(WorkerStore.Held::attempt)
        .map(
            a ->
                lanes.submit(
                    WriteRequest.Apply.of(
                        WorkflowKey.of(tenant.value(), a.workflowId()), command.apply(a))))
        .toList()
        .forEach(java.util.concurrent.CompletableFuture::join);
  }

  /** Of a process that died without leaving, the name may be had by registering. */
  private void requireNoRival(Caller caller, String worker, @Nullable String instance) {
    if (instance == null) {
      return;
    }
    Instant silentBefore = clock.instant().minus(leases.lease());
    boolean lives =
        store
            .rivalSeen(caller, worker, instance)
            .filter(seen -> seen.isAfter(silentBefore))
            .isPresent();
    if (lives) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "Another process has registered as "
              + worker
              + " since. Give each process a name of its own.");
    }
  }

  private ProblemException unknownOrForeign(Caller caller, String worker) {
    boolean isAnothers =
        !caller.isAdministrator()
            && store
                .owner(caller.tenant(), worker, clock.instant())
                .filter(owner -> !owner.equals(caller.name()))
                .isPresent();
    return isAnothers ? foreign(worker) : unknown(worker);
  }

  private static ProblemException foreign(String worker) {
    return ProblemException.of(
        ProblemType.FORBIDDEN, "The worker's name " + worker + " is in use by another caller.");
  }

  private static ProblemException unknown(String worker) {
    return ProblemException.of(
        ProblemType.NOT_FOUND, "There is no worker " + worker + ". Register it again.");
  }

  private static WorkerView view(
      WorkerQueries.Row row, List<WorkerStore.Held> held, Instant silentBefore) {
    return new WorkerView(
        row.worker(),
        row.capabilities(),
        row.maxParallel(),
        row.instance(),
        row.version(),
        row.lastSeen().isBefore(silentBefore) ? "silent" : "active",
        row.registeredAt(),
        row.lastSeen(),
        held.stream().map(WorkerStore.Held::attempt).toList());
  }
}
