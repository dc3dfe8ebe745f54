package io.agentmanager.worker.testing;

import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.Artefact;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.json.WireJson;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A workflow of the server in memory: its steps, how they free and end each other, and what it may
 * spend. Guarded by its {@link MemoryWorkflows}.
 */
final class MemoryWorkflow {
  /** Together; what is beyond has to be asked for. */
  private static final int LARGEST_RESULTS = 1024 * 1024;

  private final String id;
  private final Map<String, MemoryStep> steps = new LinkedHashMap<>();
  private final Budget budget;
  private @Nullable WorkflowStatus ended;

  MemoryWorkflow(String id, List<StepSpec> specs, Budget budget) {
    this.id = id;
    this.budget = budget;
    requireWhole(specs);
    specs.forEach(spec -> steps.put(spec.stepId(), new MemoryStep(id, spec)));
  }

  private static void requireWhole(List<StepSpec> specs) {
    Set<String> before = new HashSet<>();
    for (StepSpec step : specs) {
      for (String dependency : step.dependencyList()) {
        if (!before.contains(dependency)) {
          throw new Refused(
              ProblemType.INVALID_REQUEST,
              "step " + step.stepId() + " depends on " + dependency + ", which is not before it");
        }
      }
      if (!before.add(step.stepId())) {
        throw new Refused(ProblemType.INVALID_REQUEST, "two steps are named " + step.stepId());
      }
    }
  }

  Stream<MemoryStep> steps() {
    return steps.values().stream();
  }

  @Nullable MemoryStep find(String step) {
    return steps.get(step);
  }

  MemoryStep step(String step) {
    MemoryStep found = find(step);
    if (found == null) {
      throw new Refused(ProblemType.NOT_FOUND, "There is no such step.");
    }
    return found;
  }

  WorkflowStatus status() {
    if (ended != null) {
      return ended;
    }
    return steps().allMatch(step -> step.status == StepStatus.COMPLETED)
        ? WorkflowStatus.COMPLETED
        : WorkflowStatus.RUNNING;
  }

  Usage usage() {
    return steps().map(MemoryStep::usage).reduce(Usage.NONE, Usage::plus);
  }

  /** What a worker gets that has just claimed the step, or claims it once more. */
  ClaimedTask task(MemoryStep step, int leaseSec) {
    if (step.reserved == null) {
      step.reserved = share();
    }
    Map<String, String> results = new LinkedHashMap<>();
    int length = 0;
    for (String needed : step.spec.dependencyList()) {
      String result = Objects.toString(step(needed).finalResult, "");
      length += result.length();
      if (length > LARGEST_RESULTS) {
        break;
      }
      results.put(needed, result);
    }
    return step.task(results, step.reserved, leaseSec);
  }

  /** An equal part of what is neither spent nor reserved by a step that runs. */
  private Budget share() {
    Usage spent = usage();
    long tokens = spent.inputTokens() + spent.outputTokens();
    double cost = spent.costUsd();
    long others = steps().filter(step -> step.status.isOpen()).count();
    for (MemoryStep step : steps().filter(s -> s.reserved != null).toList()) {
      Usage told = step.usageOfAttempt();
      tokens += Math.max(0, tokens(step.reserved) - told.inputTokens() - told.outputTokens());
      cost += Math.max(0, cost(step.reserved) - told.costUsd());
      others--;
    }
    Long most = budget.maxTokens();
    Double dearest = budget.maxCostUsd();
    return new Budget(
        most == null ? null : Math.max(0, most - tokens) / others,
        dearest == null ? null : Math.max(0, dearest - cost) / others);
  }

  private static long tokens(@Nullable Budget reserved) {
    return reserved == null || reserved.maxTokens() == null ? 0 : reserved.maxTokens();
  }

  private static double cost(@Nullable Budget reserved) {
    return reserved == null || reserved.maxCostUsd() == null ? 0 : reserved.maxCostUsd();
  }

  ResultAnswer accept(StepResult result, Instant now) {
    MemoryStep step = step(result.stepId());
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
    step.accepted(result, now);
    switch (result.status()) {
      case COMPLETED -> complete(step, result, now);
      case FAILED -> fail(step, result.error() == null || result.error().mayRetry(), now);
      case AWAITING_APPROVAL -> ask(step, result, now);
    }
    ResultAnswer answer = answer(result);
    step.known.put(result.attempt(), new MemoryStep.Known(result, answer));
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
    WorkflowStatus status = status();
    return new ResultAnswer(
        true,
        id,
        result.stepId(),
        result.attempt(),
        status,
        status.isFinished() ? ResultAnswer.NextAction.COMPLETE : ResultAnswer.NextAction.CONTINUE);
  }

  private void complete(MemoryStep step, StepResult result, Instant now) {
    step.become(StepStatus.COMPLETED);
    step.finalResult = Objects.requireNonNull(result.raHistory()).finalResult();
    step.lastCompleted = step.attempt;
    step.completedAt = now;
    steps()
        .filter(waiting -> waiting.status == StepStatus.PENDING)
        .filter(this::isFree)
        .forEach(free -> free.become(StepStatus.READY));
  }

  private boolean isFree(MemoryStep waiting) {
    return waiting.spec.dependencyList().stream()
        .allMatch(needed -> step(needed).status == StepStatus.COMPLETED);
  }

  private void fail(MemoryStep step, boolean mayRetry, Instant now) {
    step.failures++;
    if (mayRetry && !step.isExhausted()) {
      step.become(StepStatus.READY);
    } else {
      exhaust(step, now);
    }
  }

  /** A lease that was never kept alive says nothing of the step: it does not count as failure. */
  void loseLease(MemoryStep step, Instant now) {
    step.failures += step.heard ? 1 : 0;
    if (step.isExhausted()) {
      exhaust(step, now);
    } else {
      step.become(StepStatus.READY);
    }
  }

  private void exhaust(MemoryStep step, Instant now) {
    step.become(StepStatus.FAILED);
    step.completedAt = now;
    end(WorkflowStatus.FAILED);
  }

  private static void ask(MemoryStep step, StepResult result, Instant now) {
    step.become(StepStatus.AWAITING_APPROVAL);
    step.approval =
        new StepApproval(
            step.attempt, Objects.requireNonNull(result.approval()), now, null, null, null, null);
  }

  StepView decide(
      MemoryStep step,
      @Nullable Integer asking,
      ApprovalDecision decision,
      @Nullable String comment,
      Instant now) {
    StepApproval asked = step.approval;
    boolean meansAnother = asking != null && asked != null && asked.attempt() != asking;
    if (asked != null && !meansAnother && asked.decision() != null) {
      if (asked.decision() == decision && Objects.equals(asked.comment(), comment)) {
        return step.view();
      }
    }
    if (meansAnother || asked == null || step.status != StepStatus.AWAITING_APPROVAL) {
      throw new Refused(
          ProblemType.CONFLICT, "The step is " + step.status + ": it waits for no approval.");
    }
    step.approval =
        new StepApproval(
            asked.attempt(), asked.asked(), asked.askedAt(), decision, comment, "test", now);
    switch (decision) {
      case APPROVE -> step.become(StepStatus.READY);
      case REJECT -> exhaust(step, now);
    }
    return step.view();
  }

  /** As an audit would: the step is to be done again, with a note, and so is what builds on it. */
  void sendBack(String sentBack, String note) {
    MemoryStep step = step(sentBack);
    if (step.status != StepStatus.COMPLETED) {
      throw new IllegalStateException("the step is " + step.status + ", not COMPLETED");
    }
    step.notes.add(note);
    step.become(StepStatus.READY);
    step.failures = 0;
    ended = null;
    sendBackWhatDependsOn(sentBack);
  }

  private void sendBackWhatDependsOn(String sentBack) {
    steps()
        .filter(step -> step.spec.dependencyList().contains(sentBack))
        .filter(step -> step.status != StepStatus.PENDING)
        .toList()
        .forEach(
            step -> {
              step.become(StepStatus.PENDING);
              step.failures = 0;
              sendBackWhatDependsOn(step.spec.stepId());
            });
  }

  void cancel() {
    WorkflowStatus now = status();
    if (now.isFinished() && now != WorkflowStatus.CANCELLED) {
      throw new Refused(ProblemType.CONFLICT, "The workflow is " + now + " already.");
    }
    end(WorkflowStatus.CANCELLED);
  }

  private void end(WorkflowStatus how) {
    ended = how;
    steps()
        .filter(step -> step.status.isOpen())
        .forEach(
            step -> {
              step.cancelledWhileRunning = step.status == StepStatus.IN_PROGRESS;
              step.become(StepStatus.CANCELLED);
            });
  }
}
