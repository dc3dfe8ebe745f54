package io.agentmanager.task.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.contracts.api.WorkerView;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Registration, signs of life, and what a worker holds. */
@Component
public class Workers {
  private static final int DEFAULT_PARALLEL = 2;
  private final WorkerStore store;
  private final WriteLanes lanes;
  private final LeaseSettings leases;
  private final RecentlySeen recently;
  private final ObjectProvider<WorkerDepartures> departures;
  private final InstantSource clock;

  Workers(
      WorkerStore store,
      WriteLanes lanes,
      ObjectProvider<WorkerDepartures> departures,
      LeaseSettings leases,
      InstantSource clock) {
    this.store = store;
    this.departures = departures;
    this.lanes = lanes;
    this.leases = leases;
    this.clock = clock;
    this.recently = new RecentlySeen(Duration.ofSeconds(1));
  }

  /** Registers a worker; another instance takes over and ends the leases of the one before. */
  WorkerTerms register(TenantId tenant, String worker, WorkerRegistration registration) {
    Optional<String> before = store.instance(tenant, worker);
    int parallel =
        registration.maxParallelTasks() == null
            ? DEFAULT_PARALLEL
            : registration.maxParallelTasks();
    store.register(tenant, worker, registration, parallel, clock.instant());
    boolean takenOver =
        registration.instanceId() != null
            && before.isPresent()
            && !before.get().equals(registration.instanceId());
    if (takenOver) {
      end(
          tenant,
          store.held(tenant, List.of(worker)),
          a -> new Command.LoseLease(new StepId(a.stepId()), a.attempt()));
    }
    return new WorkerTerms(
        Math.toIntExact(leases.heartbeatInterval().toSeconds()), leases.leaseSec());
  }

  /** Whether another sign of life of this worker would change nothing: it was heard of just now. */
  public boolean wasSeenLately(TenantId tenant, String worker) {
    return recently.isKnown(tenant, worker, clock.instant());
  }

  /** A sign of life of a worker that may be new: a shell script needs no registration. */
  public void registerByTheWay(TenantId tenant, String worker, Set<String> capabilities) {
    Instant now = clock.instant();
    if (!recently.isKnown(tenant, worker, now)) {
      store.seen(tenant, worker, capabilities, now);
      recently.note(tenant, worker, now);
    }
  }

  /**
   * A sign of life of a registered worker.
   *
   * @throws ProblemException 404 when it is not registered
   */
  public void seen(TenantId tenant, String worker) {
    Instant now = clock.instant();
    if (recently.isKnown(tenant, worker, now)) {
      return;
    }
    if (!store.seen(tenant, worker, now)) {
      throw unknown(worker);
    }
    recently.note(tenant, worker, now);
  }

  /** Extends what is running, says what is lost, and takes back what the worker never got. */
  HeartbeatAnswer heartbeat(TenantId tenant, String worker, List<AttemptRef> running) {
    Instant now = clock.instant();
    if (!store.seen(tenant, worker, now)) {
      recently.forget(tenant, worker);
      throw unknown(worker);
    }
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
   * @throws ProblemException 404 when it is not registered
   */
  void leave(TenantId tenant, String worker) {
    boolean known = store.delete(tenant, worker);
    recently.forget(tenant, worker);
    if (!known) {
      throw unknown(worker);
    }
    departures.forEach(listener -> listener.left(tenant, worker));
    end(
        tenant,
        store.held(tenant, List.of(worker)),
        a -> new Command.Release(new StepId(a.stepId()), a.attempt(), "the worker left"));
  }

  List<WorkerView> list(TenantId tenant) {
    List<WorkerStore.Row> rows = store.list(tenant);
    List<WorkerStore.Held> held =
        store.held(tenant, rows.stream().map(WorkerStore.Row::worker).toList());
    Instant silentBefore = clock.instant().minus(leases.lease());
    return rows.stream().map(row -> view(row, held, silentBefore)).toList();
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

  private static ProblemException unknown(String worker) {
    return ProblemException.of(
        ProblemType.NOT_FOUND, "There is no worker " + worker + ". Register it again.");
  }

  private static WorkerView view(
      WorkerStore.Row row, List<WorkerStore.Held> held, Instant silentBefore) {
    return new WorkerView(
        row.worker(),
        row.capabilities(),
        row.maxParallel(),
        row.instance(),
        row.version(),
        row.lastSeen().isBefore(silentBefore) ? "silent" : "active",
        row.registeredAt(),
        row.lastSeen(),
        held.stream()
            .filter(h -> h.worker().equals(row.worker()))
            .map(WorkerStore.Held::attempt)
            .toList());
  }
}
