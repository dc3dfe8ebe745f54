package io.agentmanager.planner.submission;

import io.agentmanager.contracts.api.Complexity;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.internal.PlanDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When a workflow may be done: its longest chain of steps, at a time for each step by complexity
 * (low 15 s, medium 1 min, high 3 min), and as much again for its audit and answer. A guess that
 * helps to choose a patience, no promise.
 */
final class Estimate {
  private Estimate() {}

  static Instant completion(PlanDocument document, List<StepSpec> tasks) {
    Duration step = step(document.submission().effectiveComplexity());
    return document.createdAt().plus(step.multipliedBy(longestChain(tasks) + 1L));
  }

  private static Duration step(Complexity complexity) {
    return switch (complexity) {
      case LOW -> Duration.ofSeconds(15);
      case MEDIUM -> Duration.ofMinutes(1);
      case HIGH -> Duration.ofMinutes(3);
    };
  }

  /** The number of steps on the longest path; relaxes edges until nothing grows. */
  private static int longestChain(List<StepSpec> tasks) {
    Map<String, Integer> depth = new HashMap<>();
    boolean grew = true;
    while (grew) {
      grew = false;
      for (StepSpec task : tasks) {
        int needed =
            task.dependencyList().stream().mapToInt(d -> depth.getOrDefault(d, 0)).max().orElse(0);
        grew |= !Integer.valueOf(needed + 1).equals(depth.put(task.stepId(), needed + 1));
      }
    }
    return depth.values().stream().mapToInt(Integer::intValue).max().orElse(1);
  }
}
