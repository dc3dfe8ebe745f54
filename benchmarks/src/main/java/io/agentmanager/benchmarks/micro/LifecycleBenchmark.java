package io.agentmanager.benchmarks.micro;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.lifecycle.Decision;
import io.agentmanager.task.lifecycle.Lifecycle;
import io.agentmanager.task.lifecycle.PlanAdmission;
import io.agentmanager.task.lifecycle.StepState;
import io.agentmanager.task.lifecycle.WorkflowState;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Decisions of the lifecycle, without a database. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LifecycleBenchmark {
  private static final WorkflowKey KEY = WorkflowKey.of("default", "w");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int LARGE = 10_000;

  private List<StepSpec> diamond = List.of();
  private WorkflowState large = planning();

  /** Makes the plans. */
  @Setup
  public void plans() {
    diamond = Plans.diamond();
    large = admit(Plans.layers(LARGE));
  }

  /** A workflow 1 → 8 → 1 from its plan to its end: one admission, ten claims, ten results. */
  @Benchmark
  public WorkflowState workflowOfTenSteps() {
    WorkflowState state = admit(diamond);
    while (!state.status().isFinished()) {
      StepState ready =
          state.steps().values().stream()
              .filter(step -> step.status() == StepStatus.READY)
              .findFirst()
              .orElseThrow();
      StepState claimed = Lifecycle.claim(ready, "worker", NOW).orElseThrow();
      Map<StepId, StepState> steps = new HashMap<>(state.steps());
      steps.put(claimed.id(), claimed);
      state = decide(state.seeing(steps), new Command.Succeed(claimed.id(), claimed.attempt()));
    }
    if (state.status() != WorkflowStatus.COMPLETED) {
      throw new IllegalStateException("it ended as " + state.status());
    }
    return state;
  }

  /** A workflow of 10,000 steps is cancelled, and each of them with it. */
  @Benchmark
  public WorkflowState cancellationOfTenThousandSteps() {
    return decide(large, new Command.Cancel("no longer needed"));
  }

  static WorkflowState admit(List<StepSpec> plan) {
    return decide(planning(), new Command.Admit(PlanAdmission.states(plan, 0)));
  }

  private static WorkflowState planning() {
    return WorkflowState.planning(KEY, OnFailure.FAIL, AuditMode.NONE, 0);
  }

  private static WorkflowState decide(WorkflowState state, Command command) {
    if (Lifecycle.decide(state, command, NOW) instanceof Decision.Accepted accepted) {
      return accepted.next();
    }
    throw new IllegalStateException(command + " was refused");
  }
}
