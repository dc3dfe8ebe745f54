package io.agentmanager.worker.testing;

import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.Artefact;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.AttemptResult;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepFinalResult;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.json.WireJson;
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
 * What the real server holds of workflows, in memory: claims, attempts as fencing tokens, leases by
 * a clock, results that are accepted once, approvals, cancellation. Nothing is planned, audited or
 * synthesised. Whoever waits is woken by whatever changes.
 */
final class MemoryWorkflows {
  private static final int MILLIS = 1_000;

  /** A claim that was answered just now may not be known to the heartbeat yet. */
  private static final Duration UNLISTED_GRACE = Duration.ofSeconds(2);

  private final InstantSource clock;
  private final Duration lease;
  private final Map<String, Map<String, MemoryStep>> workflows = new LinkedHashMap<>();
  private final Map<String, Budget> budgets = new HashMap<>();
  private final Map<String, WorkflowStatus> ended = new HashMap<>();
  private final Map<String, String> workers = new HashMap<>();

  MemoryWorkflows(InstantSource clock, Duration lease) {
    this.clock = clock;
    this.lease = lease;
  }

  /** A call that does not fit: what the real server answers. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient ProblemType type;

    Refused(ProblemType type, String detail) {
      super(detail);
      this.type = type;
    }

    ProblemType type() {
      return type;
    }
  }

  synchronized String submit(List<StepSpec> steps, Budget budget) {
    String id = UUID.randomUUID().toString();
    Map<String, MemoryStep> made = new LinkedHashMap<>();
    steps.forEach(spec -> made.put(spec.stepId(), new MemoryStep(id, spec)));
    workflows.put(id, made);
    budgets.put(id, budget);
    notifyAll();
    return id;
  }

  synchronized int leaseSec() {
    return Math.max(1, (int) lease.toSeconds());
  }

  synchronized void register(String worker, WorkerRegistration registration) {
    String instance = String.valueOf(registration.instanceId());
    String before = workers.put(worker, instance);
    if (before != null && !before.equals(instance)) {
      held(worker).forEach(this::loseLease);
    }
    notifyAll();
  }

  synchronized void leave(String worker) {
    held(worker).forEach(this::giveBack);
    workers.remove(worker);
    notifyAll();
  }

  synchronized HeartbeatAnswer heartbeat(String worker, Heartbeat beat) {
    if (!workers.containsKey(worker)) {
      throw new Refused(ProblemType.NOT_FOUND, "The worker is not registered.");
    }
    endLeases();
    List<AttemptRef> lost = new ArrayList<>();
    List<AttemptRef> cancelled = new ArrayList<>();
    List<AttemptRef> running = Objects.requireNonNullElse(beat.running(), List.of());
    for (AttemptRef ref : running) {
      MemoryStep step = find(ref.workflowId(), ref.stepId());
      if (step != null && step.isRunning(ref.attempt()) && worker.equals(step.worker)) {
        extend(step);
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
        .forEach(this::giveBack);
    notifyAll();
    return new HeartbeatAnswer(lost, cancelled, leaseSec());
  }

  /** Waits in real time for something to claim. */
  synchronized List<ClaimedTask> claim(ClaimRequest request) throws InterruptedException {
    String worker = Objects.requireNonNullElse(request.agentId(), "");
    if (!workers.containsKey(worker)) {
      throw new Refused(ProblemType.NOT_FOUND, "The worker is not registered.");
    }
    long end =
        System.nanoTime()
            + Duration.ofSeconds(Objects.requireNonNullElse(request.waitSec(), 0)).toNanos();
    String instance = workers.get(worker);
    List<ClaimedTask> tasks = claimNow(worker, request);
    // Who has left, or was taken over, waits no more.
    while (tasks.isEmpty()
        && System.nanoTime() < end
        && Objects.equals(instance, workers.get(worker))) {
      wait(Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
      tasks = Objects.equals(instance, workers.get(worker)) ? claimNow(worker, request) : List.of();
    }
    return tasks;
  }

  private List<ClaimedTask> claimNow(String worker, ClaimRequest request) {
    endLeases();
    Set<String> capabilities =
        Set.copyOf(Objects.requireNonNullElse(request.clientCapabilities(), List.of()));
    String claimId = request.claimId();
    List<MemoryStep> again =
        claimId == null
            ? List.of()
            : held(worker).stream().filter(step -> claimId.equals(step.claimId)).toList();
    List<MemoryStep> found =
        again.isEmpty()
            ? steps()
                .filter(step -> capabilities.contains(step.spec.assignedAgent()))
                .filter(MemoryWorkflows::isClaimable)
                .limit(Objects.requireNonNullElse(request.max(), 1))
                .peek(step -> begin(step, worker, claimId))
                .toList()
            : again;
    return found.stream().map(this::task).toList();
  }

  synchronized ClaimedTask claim(String workflow, String id, ClaimRequest request) {
    endLeases();
    MemoryStep step = known(workflow, id);
    if (!isClaimable(step)) {
      throw new Refused(ProblemType.NOT_CLAIMABLE, "The step is " + step.status + ".");
    }
    begin(step, Objects.requireNonNullElse(request.agentId(), ""), null);
    return task(step);
  }

  private static boolean isClaimable(MemoryStep step) {
    return step.status == StepStatus.READY;
  }

  private void begin(MemoryStep step, String worker, @Nullable String claimId) {
    step.status = StepStatus.IN_PROGRESS;
    step.attempt++;
    step.worker = worker;
    step.claimId = claimId;
    step.heard = false;
    step.startedAt = clock.instant();
    step.leaseUntil = clock.instant().plus(lease);
    step.runUntil = clock.instant().plus(Objects.requireNonNull(step.spec.timeout())).plus(lease);
    notifyAll();
  }

  private void extend(MemoryStep step) {
    step.heard = true;
    step.leaseUntil = clock.instant().plus(lease);
  }

  synchronized void record(String workflow, String id, IterationReport report) {
    endLeases();
    MemoryStep step = known(workflow, id);
    int attempt = Objects.requireNonNullElse(report.attempt(), 0);
    if (!step.isRunning(attempt) || !Objects.equals(report.clientId(), step.worker)) {
      throw new Refused(ProblemType.STALE_ATTEMPT, "The attempt is not the current one.");
    }
    step.keep(Objects.requireNonNullElse(report.iterations(), List.of()));
    extend(step);
    notifyAll();
  }

  synchronized ResultAnswer accept(StepResult result) {
    endLeases();
    MemoryStep step = known(result.workflowId(), result.stepId());
    MemoryStep.Known before = step.known.get(result.attempt());
    if (before != null) {
      if (before.result().equals(result)) {
        return before.answer();
      }
      throw new Refused(ProblemType.RESULT_CONFLICT, "The attempt has another result already.");
    }
    requireValid(result);
    if (!step.isRunning(result.attempt()) || !result.clientId().equals(step.worker)) {
      throw new Refused(ProblemType.STALE_ATTEMPT, "The attempt is not the current one.");
    }
    if (result.raHistory() != null) {
      step.keep(result.raHistory().iterationList());
    }
    step.accepted(result, clock.instant());
    switch (result.status()) {
      case COMPLETED -> complete(step, result);
      case FAILED -> fail(step, result.error() == null || result.error().mayRetry());
      case AWAITING_APPROVAL -> ask(step, result);
    }
    ResultAnswer answer = answer(result);
    step.known.put(result.attempt(), new MemoryStep.Known(result, answer));
    notifyAll();
    return answer;
  }

  /** The rules of the real server that workers can break. */
  private static void requireValid(StepResult result) {
    List<String> names = result.artefactList().stream().map(Artefact::name).toList();
    boolean asksNothing =
        result.status() == ResultStatus.AWAITING_APPROVAL && result.approval() == null;
    boolean hasNull = WireJson.mapper().writeValueAsString(result).contains("\\u0000");
    if (asksNothing || hasNull || Set.copyOf(names).size() < names.size()) {
      throw new Refused(ProblemType.INVALID_REQUEST, "The result is invalid.");
    }
  }

  private ResultAnswer answer(StepResult result) {
    WorkflowStatus status = status(result.workflowId());
    return new ResultAnswer(
        true,
        result.workflowId(),
        result.stepId(),
        result.attempt(),
        status,
        status.isFinished() ? ResultAnswer.NextAction.COMPLETE : ResultAnswer.NextAction.CONTINUE);
  }

  private void complete(MemoryStep step, StepResult result) {
    step.status = StepStatus.COMPLETED;
    step.finalResult = Objects.requireNonNull(result.raHistory()).finalResult();
    step.lastCompleted = step.attempt;
    step.completedAt = clock.instant();
    Map<String, MemoryStep> all = of(step.workflow);
    all.values().stream()
        .filter(waiting -> waiting.status == StepStatus.PENDING)
        .filter(waiting -> isFree(waiting, all))
        .forEach(free -> free.status = StepStatus.READY);
  }

  private static boolean isFree(MemoryStep waiting, Map<String, MemoryStep> all) {
    return waiting.spec.dependencyList().stream()
        .allMatch(id -> Objects.requireNonNull(all.get(id)).status == StepStatus.COMPLETED);
  }

  private void fail(MemoryStep step, boolean mayRetry) {
    step.failures++;
    if (mayRetry && step.failures < Objects.requireNonNull(step.spec.maxAttempts())) {
      step.status = StepStatus.READY;
    } else {
      exhaust(step);
    }
  }

  private void exhaust(MemoryStep step) {
    step.status = StepStatus.FAILED;
    step.completedAt = clock.instant();
    end(step.workflow, WorkflowStatus.FAILED);
  }

  private void ask(MemoryStep step, StepResult result) {
    step.status = StepStatus.AWAITING_APPROVAL;
    step.approval =
        new StepApproval(
            step.attempt,
            Objects.requireNonNull(result.approval()),
            clock.instant(),
            null,
            null,
            null,
            null);
  }

  synchronized StepView decide(
      String workflow,
      String id,
      @Nullable Integer asking,
      ApprovalDecision decision,
      @Nullable String comment) {
    MemoryStep step = known(workflow, id);
    StepApproval asked = step.approval;
    boolean meansAnother = asking != null && asked != null && asked.attempt() != asking;
    if (meansAnother || step.status != StepStatus.AWAITING_APPROVAL || asked == null) {
      boolean repeat =
          asked != null
              && !meansAnother
              && asked.decision() == decision
              && Objects.equals(asked.comment(), comment);
      if (repeat) {
        return step.view();
      }
      throw new Refused(
          ProblemType.CONFLICT, "The step is " + step.status + ": it waits for no approval.");
    }
    step.approval =
        new StepApproval(
            asked.attempt(),
            asked.asked(),
            asked.askedAt(),
            decision,
            comment,
            "test",
            clock.instant());
    switch (decision) {
      case APPROVE -> step.status = StepStatus.READY;
      case REJECT -> exhaust(step);
    }
    notifyAll();
    return step.view();
  }

  /** As an audit would: the step is to be done again, with a note. */
  synchronized void sendBack(String workflow, String id, String note) {
    MemoryStep step = known(workflow, id);
    if (step.status != StepStatus.COMPLETED) {
      throw new IllegalStateException("the step is " + step.status + ", not COMPLETED");
    }
    step.notes.add(note);
    step.status = StepStatus.READY;
    step.failures = 0;
    ended.remove(workflow);
    sendBackWhatDependsOn(id, of(workflow));
    notifyAll();
  }

  private static void sendBackWhatDependsOn(String id, Map<String, MemoryStep> all) {
    all.values().stream()
        .filter(step -> step.spec.dependencyList().contains(id))
        .filter(step -> step.status != StepStatus.PENDING)
        .forEach(
            step -> {
              step.status = StepStatus.PENDING;
              step.failures = 0;
              sendBackWhatDependsOn(step.spec.stepId(), all);
            });
  }

  synchronized void cancel(String workflow) {
    WorkflowStatus now = status(workflow);
    if (now.isFinished() && now != WorkflowStatus.CANCELLED) {
      throw new Refused(ProblemType.CONFLICT, "The workflow is " + now + " already.");
    }
    end(workflow, WorkflowStatus.CANCELLED);
    notifyAll();
  }

  private void end(String workflow, WorkflowStatus how) {
    ended.put(workflow, how);
    of(workflow).values().stream()
        .filter(step -> step.status.isOpen())
        .forEach(
            step -> {
              step.cancelledWhileRunning = step.status == StepStatus.IN_PROGRESS;
              step.status = StepStatus.CANCELLED;
            });
  }

  synchronized WorkflowStatus status(String workflow) {
    Map<String, MemoryStep> steps = of(workflow);
    if (ended.containsKey(workflow)) {
      return Objects.requireNonNull(ended.get(workflow));
    }
    return steps.values().stream().allMatch(step -> step.status == StepStatus.COMPLETED)
        ? WorkflowStatus.COMPLETED
        : WorkflowStatus.RUNNING;
  }

  synchronized List<StepView> views(String workflow) {
    endLeases();
    return of(workflow).values().stream().map(MemoryStep::view).toList();
  }

  synchronized Usage usage(String workflow) {
    return of(workflow).values().stream()
        .flatMap(step -> step.iterations.values().stream())
        .map(told -> MemoryStep.usage(List.copyOf(told.values())))
        .reduce(Usage.NONE, Usage::plus);
  }

  synchronized List<AttemptResult> results(String workflow, String id) {
    return List.copyOf(known(workflow, id).results);
  }

  synchronized StepFinalResult result(String workflow, String id) {
    MemoryStep step = known(workflow, id);
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
      StepView view = known(workflow, id).view();
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
    steps()
        .filter(step -> step.status == StepStatus.IN_PROGRESS)
        .filter(step -> !step.leaseUntil.isAfter(now) || !step.runUntil.isAfter(now))
        .toList()
        .forEach(this::loseLease);
  }

  private void loseLease(MemoryStep step) {
    step.failures += step.heard ? 1 : 0;
    if (step.failures < Objects.requireNonNull(step.spec.maxAttempts())) {
      step.status = StepStatus.READY;
    } else {
      exhaust(step);
    }
  }

  private void giveBack(MemoryStep step) {
    step.status = StepStatus.READY;
  }

  private List<MemoryStep> held(String worker) {
    return steps()
        .filter(step -> step.status == StepStatus.IN_PROGRESS && worker.equals(step.worker))
        .toList();
  }

  private ClaimedTask task(MemoryStep step) {
    Map<String, MemoryStep> all = of(step.workflow);
    Map<String, String> results = new LinkedHashMap<>();
    step.spec
        .dependencyList()
        .forEach(
            id ->
                results.put(
                    id, Objects.toString(Objects.requireNonNull(all.get(id)).finalResult, "")));
    long open = all.values().stream().filter(s -> s.status.isOpen()).count();
    return step.task(results, share(step.workflow, open), leaseSec());
  }

  /** What is left, by the steps that are open. */
  private Budget share(String workflow, long open) {
    Budget budget = Objects.requireNonNullElse(budgets.get(workflow), Budget.UNLIMITED);
    Usage spent = usage(workflow);
    Long tokens = budget.maxTokens();
    Double cost = budget.maxCostUsd();
    return new Budget(
        tokens == null
            ? null
            : Math.max(0, tokens - spent.inputTokens() - spent.outputTokens()) / open,
        cost == null ? null : Math.max(0, cost - spent.costUsd()) / open);
  }

  private Stream<MemoryStep> steps() {
    return workflows.values().stream().flatMap(steps -> steps.values().stream());
  }

  private Map<String, MemoryStep> of(String workflow) {
    Map<String, MemoryStep> steps = workflows.get(workflow);
    if (steps == null) {
      throw new Refused(ProblemType.NOT_FOUND, "There is no such workflow.");
    }
    return steps;
  }

  private MemoryStep known(String workflow, String id) {
    MemoryStep step = find(workflow, id);
    if (step == null) {
      throw new Refused(ProblemType.NOT_FOUND, "There is no such step.");
    }
    return step;
  }

  private @Nullable MemoryStep find(String workflow, String id) {
    return workflows.getOrDefault(workflow, Map.of()).get(id);
  }
}
