package io.agentmanager.worker.testing;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.AttemptResult;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A step of the server in memory. Guarded by its {@link MemoryWorkflows}. */
final class MemoryStep {
  final String workflow;
  final StepSpec spec;
  StepStatus status;
  int attempt;
  int failures;
  @Nullable String worker;
  @Nullable String claimId;
  Instant leaseUntil = Instant.MAX;
  Instant runUntil = Instant.MAX;
  boolean heard;
  boolean cancelledWhileRunning;
  @Nullable String finalResult;
  int lastCompleted;
  @Nullable StepApproval approval;
  @Nullable Instant startedAt;
  @Nullable Instant completedAt;
  final List<String> notes = new ArrayList<>();
  final Map<Integer, TreeMap<Integer, Iteration>> iterations = new TreeMap<>();

  /** What the attempt that runs may spend; null when none does. */
  @Nullable Budget reserved;

  final Map<Integer, Known> known = new HashMap<>();
  final List<AttemptResult> results = new ArrayList<>();

  /** A result that was accepted, and how it was answered. */
  record Known(StepResult result, ResultAnswer answer) {}

  MemoryStep(String workflow, StepSpec spec) {
    this.workflow = workflow;
    this.spec = spec.orDefaults();
    this.status = this.spec.dependencyList().isEmpty() ? StepStatus.READY : StepStatus.PENDING;
  }

  AttemptRef ref() {
    return new AttemptRef(workflow, spec.stepId(), attempt);
  }

  /** A worker has claimed it. */
  void begin(String by, @Nullable String claim, Instant now, Duration lease) {
    become(StepStatus.IN_PROGRESS);
    attempt++;
    worker = by;
    claimId = claim;
    heard = false;
    startedAt = now;
    leaseUntil = now.plus(lease);
    runUntil = now.plus(Objects.requireNonNull(spec.timeout())).plus(lease);
  }

  /** Its worker was heard of. */
  void extend(Instant now, Duration lease) {
    heard = true;
    leaseUntil = now.plus(lease);
  }

  /** Whatever it was promised counts no more. */
  void become(StepStatus next) {
    status = next;
    reserved = null;
  }

  boolean isOverdue(Instant now) {
    return status == StepStatus.IN_PROGRESS && (!leaseUntil.isAfter(now) || !runUntil.isAfter(now));
  }

  boolean isExhausted() {
    return failures >= Objects.requireNonNull(spec.maxAttempts());
  }

  boolean isRunning(int wanted) {
    return status == StepStatus.IN_PROGRESS && attempt == wanted;
  }

  /** Keeps iterations of the attempt that runs; a finished one stays as it is. */
  void keep(List<Iteration> told) {
    TreeMap<Integer, Iteration> kept = iterations.computeIfAbsent(attempt, a -> new TreeMap<>());
    told.forEach(i -> kept.merge(i.index(), i, MemoryStep::finished));
  }

  private static Iteration finished(Iteration before, Iteration after) {
    return before.observation() == null ? after : before;
  }

  /** What attempts since the last result got done: of each index the finished, else the latest. */
  List<Iteration> checkpoint() {
    TreeMap<Integer, Iteration> merged = new TreeMap<>();
    iterations.forEach(
        (of, told) -> {
          if (of > lastCompleted && of < attempt) {
            told.values().forEach(i -> merged.merge(i.index(), i, MemoryStep::latest));
          }
        });
    return List.copyOf(merged.values());
  }

  private static Iteration latest(Iteration before, Iteration after) {
    return after.observation() == null && before.observation() != null ? before : after;
  }

  void accepted(StepResult result, Instant now) {
    if (result.raHistory() != null) {
      keep(result.raHistory().iterationList());
    }
    List<Iteration> told = List.copyOf(iterations.getOrDefault(attempt, new TreeMap<>()).values());
    RaHistory history =
        Objects.requireNonNullElse(result.raHistory(), new RaHistory(null, null, null));
    results.add(
        new AttemptResult(
            attempt,
            result.status(),
            result.clientId(),
            result.status() == ResultStatus.COMPLETED,
            new RaHistory(told, history.finalResult(), history.sourceAgent()),
            result.executionTime(),
            result.error(),
            result.artefacts(),
            usage(told),
            now));
  }

  /** Of all attempts. */
  Usage usage() {
    return iterations.values().stream()
        .map(told -> usage(told.values()))
        .reduce(Usage.NONE, Usage::plus);
  }

  /** Of the attempt that runs. */
  Usage usageOfAttempt() {
    return usage(iterations.getOrDefault(attempt, new TreeMap<>()).values());
  }

  private static Usage usage(Collection<Iteration> iterations) {
    Usage sum = Usage.NONE;
    for (Iteration iteration : iterations) {
      Iteration.TokenUsage used = iteration.usage();
      if (used != null) {
        double cost = used.costUsd() == null ? 0 : used.costUsd();
        sum = sum.plus(new Usage(used.inputTokens(), used.outputTokens(), cost));
      }
    }
    return sum;
  }

  ClaimedTask task(Map<String, String> dependencyResults, Budget budget, int leaseSec) {
    return new ClaimedTask(
        spec.stepId(),
        spec.taskDescription(),
        spec.assignedAgent(),
        spec.dependencyList(),
        spec.input(),
        spec.fileList(),
        Objects.requireNonNull(spec.fileAccessTypes()),
        spec.checks(),
        Objects.requireNonNull(spec.maxAttempts()),
        Objects.requireNonNull(spec.timeout()),
        Objects.requireNonNull(spec.maxIterations()),
        workflow,
        attempt,
        leaseSec,
        List.copyOf(notes),
        finalResult,
        dependencyResults,
        dependencyResults.size() < spec.dependencyList().size(),
        checkpoint(),
        budget,
        approval != null && approval.attempt() > lastCompleted ? approval : null,
        null);
  }

  StepView view() {
    return new StepView(
        spec.stepId(),
        spec.taskDescription(),
        spec.assignedAgent(),
        spec.dependencyList(),
        spec.input(),
        spec.fileList(),
        Objects.requireNonNull(spec.fileAccessTypes()),
        spec.checks(),
        Objects.requireNonNull(spec.maxAttempts()),
        Objects.requireNonNull(spec.timeout()),
        Objects.requireNonNull(spec.maxIterations()),
        status,
        attempt,
        worker,
        startedAt,
        completedAt,
        status == StepStatus.COMPLETED ? finalResult : null,
        List.copyOf(notes),
        approval);
  }
}
