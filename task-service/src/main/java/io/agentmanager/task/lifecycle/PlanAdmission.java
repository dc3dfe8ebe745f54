package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.id.StepId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** From a valid plan to the states in which its steps begin: roots READY, the others PENDING. */
public final class PlanAdmission {
  private PlanAdmission() {}

  /**
   * The steps of a plan that was found valid, in its order, as {@link Command.Admit} takes them.
   *
   * @param priority of the workflow, 0 to 9
   */
  public static List<StepState> states(List<StepSpec> plan, int priority) {
    Map<String, List<StepId>> dependents = new HashMap<>();
    for (StepSpec spec : plan) {
      for (String dependency : spec.dependencyList()) {
        dependents
            .computeIfAbsent(dependency, d -> new ArrayList<>())
            .add(new StepId(spec.stepId()));
      }
    }
    return plan.stream()
        .map(spec -> state(spec, priority, dependents.getOrDefault(spec.stepId(), List.of())))
        .toList();
  }

  private static StepState state(StepSpec spec, int priority, List<StepId> dependents) {
    List<StepId> dependencies = spec.dependencyList().stream().map(StepId::new).toList();
    Integer maxAttempts = spec.orDefaults().maxAttempts();
    return new StepState(
        new StepId(spec.stepId()),
        dependencies.isEmpty() ? StepStatus.READY : StepStatus.PENDING,
        0,
        0,
        dependencies.size(),
        maxAttempts == null ? 1 : maxAttempts,
        spec.assignedAgent(),
        priority,
        false,
        null,
        null,
        dependencies,
        dependents);
  }
}
