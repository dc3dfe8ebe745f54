package io.agentmanager.task.model;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.lifecycle.Decision;
import io.agentmanager.task.lifecycle.Lifecycle;
import io.agentmanager.task.lifecycle.StepState;
import io.agentmanager.task.lifecycle.WorkflowState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The lifecycle alone, in memory. */
final class LifecycleSubject implements Subject {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private final Shape shape;
  private WorkflowState state;

  LifecycleSubject(Shape shape) {
    this.shape = shape;
    this.state =
        WorkflowState.planning(
            WorkflowKey.of("default", "w"),
            shape.goesOnAfterFailure() ? OnFailure.CONTINUE : OnFailure.FAIL,
            shape.audited() ? AuditMode.RULES : AuditMode.NONE,
            2);
    List<StepState> steps = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      int id = i;
      List<StepId> dependents =
          IntStream.range(0, shape.size())
              .filter(o -> shape.dependencies(o).contains(id))
              .mapToObj(this::stepId)
              .toList();
      List<StepId> dependencies = shape.dependencies(i).stream().map(this::stepId).toList();
      steps.add(
          new StepState(
              stepId(i),
              dependencies.isEmpty() ? StepStatus.READY : StepStatus.PENDING,
              0,
              0,
              dependencies.size(),
              shape.maxAttempts(),
              "work",
              0,
              false,
              null,
              null,
              dependencies,
              dependents));
    }
    if (!apply(new Command.Admit(steps))) {
      throw new AssertionError("the plan was not admitted");
    }
  }

  @Override
  public Optional<Integer> claim() {
    for (int i = 0; i < shape.size(); i++) {
      StepState step = step(i);
      Optional<StepState> claimed = Lifecycle.claim(step, "worker", NOW);
      if (claimed.isPresent()) {
        put(claimed.get());
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  @Override
  public void heartbeat(int id, int attempt) {
    StepState step = step(id);
    if (step.isRunning(attempt)) {
      put(
          new StepState(
              step.id(),
              step.status(),
              step.attempt(),
              step.failures(),
              step.openDependencies(),
              step.maxAttempts(),
              step.capability(),
              step.priority(),
              true,
              step.workerId(),
              step.notBefore(),
              step.dependencies(),
              step.dependents()));
    }
  }

  @Override
  public boolean succeed(int id, int attempt) {
    return apply(new Command.Succeed(stepId(id), attempt));
  }

  @Override
  public boolean fail(int id, int attempt, boolean retryable) {
    return apply(
        new Command.Fail(stepId(id), attempt, new StepError("oops", "on purpose", retryable)));
  }

  @Override
  public String picture() {
    List<String> lines = new ArrayList<>();
    lines.add(state.status() + " in cycle " + state.cycle());
    for (int i = 0; i < shape.size(); i++) {
      StepState step = step(i);
      lines.add(
          shape.name(i)
              + " "
              + step.status()
              + " "
              + step.attempt()
              + " "
              + step.failures()
              + (step.notBefore() == null ? "" : " backoff"));
    }
    return String.join("\n", lines);
  }

  @Override
  public boolean apply(Command command) {
    if (Lifecycle.decide(state, command, NOW) instanceof Decision.Accepted accepted) {
      state = accepted.next();
      return true;
    }
    return false;
  }

  private StepState step(int id) {
    return state.steps().get(stepId(id));
  }

  private void put(StepState step) {
    Map<StepId, StepState> steps = new HashMap<>(state.steps());
    steps.put(step.id(), step);
    state = state.seeing(steps);
  }

  private StepId stepId(int id) {
    return new StepId(shape.name(id));
  }
}
