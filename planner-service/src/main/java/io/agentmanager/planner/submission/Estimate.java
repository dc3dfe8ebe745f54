package io.agentmanager.planner.submission;

import io.agentmanager.contracts.api.Complexity;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.internal.PlanDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

  /** The number of steps on the longest path: layer after layer of steps that can run. */
  private static int longestChain(List<StepSpec> tasks) {
    Map<String, Integer> open = new HashMap<>();
    Map<String, List<String>> dependents = new HashMap<>();
    for (StepSpec task : tasks) {
      open.put(task.stepId(), task.dependencyList().size());
      task.dependencyList()
          .forEach(d -> dependents.computeIfAbsent(d, k -> new ArrayList<>()).add(task.stepId()));
    }
    List<String> layer = open.keySet().stream().filter(id -> isFree(open, id)).toList();
    int depth = 0;
    while (!layer.isEmpty()) {
      depth++;
      layer =
          layer.stream()
              .flatMap(id -> dependents.getOrDefault(id, List.of()).stream())
              .filter(id -> Integer.valueOf(0).equals(open.merge(id, -1, Integer::sum)))
              .toList();
    }
    return Math.max(1, depth);
  }

  private static boolean isFree(Map<String, Integer> open, String id) {
    return Integer.valueOf(0).equals(open.get(id));
  }
}
