package io.agentmanager.benchmarks.micro;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.planner.plan.PlanRules;
import io.agentmanager.task.lifecycle.WorkflowState;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a submitted graph of 10,000 steps goes through before anything is written. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class AdmissionBenchmark {
  private static final int STEPS = 10_000;
  private List<StepSpec> plan = List.of();
  private byte[] body = {};

  /** Makes the graph, and the body in which it comes. */
  @Setup
  public void graph() {
    plan = Plans.layers(STEPS);
    body =
        WireJson.mapper()
            .writeValueAsBytes(
                new TaskSubmission("a benchmark", null, null, null, null, plan, null, null, null));
    if (!check().isEmpty()) {
      throw new IllegalStateException("the plan is not valid: " + check());
    }
  }

  /** The body as objects. */
  @Benchmark
  public TaskSubmission read() {
    return WireJson.strict().readValue(body, TaskSubmission.class);
  }

  /** The rules of a plan: names, references, circles. */
  @Benchmark
  public List<?> check() {
    return PlanRules.faults(List.copyOf(plan));
  }

  /** The lifecycle's decision: every step in the state in which it begins. */
  @Benchmark
  public WorkflowState admit() {
    return LifecycleBenchmark.admit(plan);
  }
}
