package io.agentmanager.worker.testing;

import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.AttemptResult;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.StepFinalResult;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkflowStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the real server holds, in memory: workers, claims, attempts as fencing tokens, leases by a
 * clock, results that are accepted once. Nothing is planned, audited or synthesised. Whoever waits
 * is woken by whatever changes.
 */
final class MemoryWorkflows {
  private static final int MILLIS = 1_000;

  /** A claim that was answered just now may not be known to the heartbeat yet. */
  private static final Duration UNLISTED_GRACE = Duration.ofSeconds(2);

  private final InstantSource clock;
  private final Duration lease;
  private final Map<String, MemoryWorkflow> workflows = new LinkedHashMap<>();
  private final Map<String, Registered> workers = new HashMap<>();
  private final MemoryLocks locks = new MemoryLocks(this::isRunning);

  MemoryWorkflows(InstantSource clock, Duration lease) {
    this.clock = clock;
    this.lease = lease;
  }

  /** The process that works under a name, and when it was heard of. */
  private record Registered(String instance, Instant seen) {}

  synchronized String submit(List<StepSpec> steps, Budget budget) {
    String id = UUID.randomUUID().toString();
    workflows.put(id, new MemoryWorkflow(id, steps, budget));
    notifyAll();
    return id;
  }

  synchronized int leaseSec() {
    return Math.max(1, (int) lease.toSeconds());
  }

  synchronized void register(String worker, WorkerRegistration registration) {
    String instance = String.valueOf(registration.instanceId());
    Registered before = workers.put(worker, new Registered(instance, clock.instant()));
    if (before != null && !before.instance().equals(instance)) {
      held(worker).forEach(this::loseLease);
    }
    notifyAll();
  }

  synchronized void leave(String worker, @Nullable String instance) {
    requireRegistered(worker, instance);
    held(worker).forEach(MemoryWorkflows::giveBack);
    workers.remove(worker);
    notifyAll();
  }

  synchronized HeartbeatAnswer heartbeat(String worker, Heartbeat beat) {
    Registered known = requireRegistered(worker, beat.instanceId());
    workers.put(worker, new Registered(known.instance(), clock.instant()));
    endLeases();
    List<AttemptRef> lost = new ArrayList<>();
    List<AttemptRef> cancelled = new ArrayList<>();
    List<AttemptRef> running = Objects.requireNonNullElse(beat.running(), List.of());
    for (AttemptRef ref : running) {
      MemoryStep step = find(ref.workflowId(), ref.stepId());
      if (step != null && step.isRunning(ref.attempt()) && worker.equals(step.worker)) {
        step.extend(clock.instant(), lease);
      } else if (step != null && step.cancelledWhileRunning && step.attempt == ref.attempt()) {
        cancelled.add(ref);
      } else {
        lost.add(ref);
      }
    }
    Instant answered = clock.instant().minus(UNLISTED_GRACE);
    held(worker).stream()
        .filter(step -> !running.contains(step.ref()))
        .filter(step -> step.startedAt != null && !step.startedAt.isAfter(answered))
        .forEach(MemoryWorkflows::giveBack);
    notifyAll();
    return new HeartbeatAnswer(lost, cancelled, leaseSec());
  }

  /** Waits in real time for something to claim. */
  synchronized List<ClaimedTask> claim(ClaimRequest request) throws InterruptedException {
    String worker = Objects.requireNonNullElse(request.agentId(), "");
    String instance = requireRegistered(worker, null).instance();
    long end =
        System.nanoTime()
            + Duration.ofSeconds(Objects.requireNonNullElse(request.waitSec(), 0)).toNanos();
    List<ClaimedTask> tasks = claimNow(worker, request);
    // Who has left, or was taken over, waits no more.
    while (tasks.isEmpty() && System.nanoTime() < end && works(instance, worker)) {
      wait(Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
      tasks = works(instance, worker) ? claimNow(worker, request) : List.of();
    }
    return tasks;
  }

  private boolean works(String instance, String worker) {
    Registered known = workers.get(worker);
    return known != null && known.instance().equals(instance);
  }

  /** Of a process that died without leaving, the name may be had by registering. */
  private Registered requireRegistered(String worker, @Nullable String instance) {
    Registered known = workers.get(worker);
    boolean isOther = known != null && instance != null && !known.instance().equals(instance);
    if (known == null || (isOther && known.seen().plus(lease).isBefore(clock.instant()))) {
      throw new Refused(ProblemType.NOT_FOUND, "The worker is not registered.");
    }
    if (isOther) {
      throw new Refused(
          ProblemType.CONFLICT, "Another process has registered as " + worker + " since.");
    }
    return known;
  }

  private List<ClaimedTask> claimNow(String worker, ClaimRequest request) {
    endLeases();
    Set<String> capabilities =
        Set.copyOf(Objects.requireNonNullElse(request.clientCapabilities(), List.of()));
    String claimId = request.claimId();
    List<MemoryStep> found = new ArrayList<>();
    held(worker).stream()
        .filter(step -> claimId != null && claimId.equals(step.claimId))
        .forEach(found::add);
    if (found.isEmpty()) {
      int most = Objects.requireNonNullElse(request.max(), 1);
      for (MemoryStep step : steps().toList()) {
        boolean wanted = capabilities.contains(step.spec.assignedAgent());
        // A file that the one before took is not free any more.
        if (found.size() < most && wanted && isClaimable(step)) {
          begin(step, worker, claimId);
          found.add(step);
        }
      }
    }
    return found.stream().map(this::task).toList();
  }

  synchronized ClaimedTask claim(String workflow, String id, ClaimRequest request) {
    endLeases();
    MemoryStep step = of(workflow).step(id);
    if (!isClaimable(step)) {
      throw new Refused(
          ProblemType.NOT_CLAIMABLE, "The step is " + step.status + ", or its files are taken.");
    }
    begin(step, Objects.requireNonNullElse(request.agentId(), ""), null);
    return task(step);
  }

  private boolean isClaimable(MemoryStep step) {
    return step.status == StepStatus.READY && locks.areFree(step);
  }

  private void begin(MemoryStep step, String worker, @Nullable String claimId) {
    step.begin(worker, claimId, clock.instant(), lease);
    locks.takeDeclared(step);
    notifyAll();
  }

  /** Waits in real time for others to let go, as long as was asked for. */
  synchronized LockAnswer lock(LockRequest request) throws InterruptedException {
    int wait = Objects.requireNonNullElse(request.waitSec(), 0);
    long end = System.nanoTime() + Duration.ofSeconds(wait).toNanos();
    while (true) {
      endLeases();
      try {
        return locks.take(request, clock.instant().plus(lease));
      } catch (Refused e) {
        long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        if (e.type() != ProblemType.FILE_LOCKED || left <= 0) {
          throw e;
        }
        wait(left);
      }
    }
  }

  synchronized void unlock(String id) {
    locks.letGo(id);
    notifyAll();
  }

  private boolean isRunning(AttemptRef ref) {
    MemoryStep step = find(ref.workflowId(), ref.stepId());
    return step != null && step.isRunning(ref.attempt());
  }

  private ClaimedTask task(MemoryStep step) {
    return of(step.workflow).task(step, leaseSec());
  }

  synchronized void record(String workflow, String id, IterationReport report) {
    endLeases();
    MemoryStep step = of(workflow).step(id);
    int attempt = Objects.requireNonNullElse(report.attempt(), 0);
    if (!step.isRunning(attempt) || !Objects.equals(report.clientId(), step.worker)) {
      throw new Refused(ProblemType.STALE_ATTEMPT, "The attempt is not the current one.");
    }
    step.keep(Objects.requireNonNullElse(report.iterations(), List.of()));
    step.extend(clock.instant(), lease);
    notifyAll();
  }

  synchronized ResultAnswer accept(StepResult result) {
    endLeases();
    ResultAnswer answer = of(result.workflowId()).accept(result, clock.instant());
    notifyAll();
    return answer;
  }

  synchronized StepView decide(
      String workflow,
      String id,
      @Nullable Integer asking,
      ApprovalDecision decision,
      @Nullable String comment) {
    MemoryWorkflow of = of(workflow);
    StepView view = of.decide(of.step(id), asking, decision, comment, clock.instant());
    notifyAll();
    return view;
  }

  synchronized void sendBack(String workflow, String id, String note) {
    of(workflow).sendBack(id, note);
    notifyAll();
  }

  synchronized void cancel(String workflow) {
    of(workflow).cancel();
    notifyAll();
  }

  synchronized WorkflowStatus status(String workflow) {
    return of(workflow).status();
  }

  synchronized List<StepView> views(String workflow) {
    endLeases();
    return of(workflow).steps().map(MemoryStep::view).toList();
  }

  synchronized StepView view(String workflow, String id) {
    endLeases();
    return of(workflow).step(id).view();
  }

  synchronized Usage usage(String workflow) {
    return of(workflow).usage();
  }

  synchronized List<AttemptResult> results(String workflow, String id) {
    return List.copyOf(of(workflow).step(id).results);
  }

  synchronized StepFinalResult result(String workflow, String id) {
    MemoryStep step = of(workflow).step(id);
    if (step.status != StepStatus.COMPLETED || step.finalResult == null) {
      throw new Refused(ProblemType.NOT_FINISHED, "The step is " + step.status + ".");
    }
    return new StepFinalResult(workflow, id, step.attempt, step.finalResult);
  }

  /** Waits in real time until a step is as wanted. */
  synchronized StepView await(String workflow, String id, Predicate<StepView> wanted, Duration time)
      throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (true) {
      endLeases();
      StepView view = of(workflow).step(id).view();
      if (wanted.test(view)) {
        return view;
      }
      long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new IllegalStateException(
            "step " + id + " is not as wanted after " + time + "; it is " + view);
      }
      wait(Math.min(left, MILLIS));
    }
  }

  /** The clock was moved: whoever waits looks again. */
  synchronized void clockMoved() {
    endLeases();
    notifyAll();
  }

  private void endLeases() {
    Instant now = clock.instant();
    steps().filter(step -> step.isOverdue(now)).toList().forEach(this::loseLease);
  }

  private void loseLease(MemoryStep step) {
    of(step.workflow).loseLease(step, clock.instant());
  }

  private static void giveBack(MemoryStep step) {
    step.become(StepStatus.READY);
  }

  private List<MemoryStep> held(String worker) {
    return steps()
        .filter(step -> step.status == StepStatus.IN_PROGRESS && worker.equals(step.worker))
        .toList();
  }

  private Stream<MemoryStep> steps() {
    return workflows.values().stream().flatMap(MemoryWorkflow::steps);
  }

  private MemoryWorkflow of(String workflow) {
    MemoryWorkflow found = workflows.get(workflow);
    if (found == null) {
      throw new Refused(ProblemType.NOT_FOUND, "There is no such workflow.");
    }
    return found;
  }

  private @Nullable MemoryStep find(String workflow, String id) {
    MemoryWorkflow found = workflows.get(workflow);
    return found == null ? null : found.find(id);
  }
}
