package io.agentmanager.planner.plan;

import io.agentmanager.contracts.api.StepSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds cycles among steps whose dependencies are all known. */
final class Cycles {
  private static final int MOST = 20;

  private Cycles() {}

  /**
   * The cycles, each as the steps on it with the first one again at the end. Peels off what can run
   * (A. B. Kahn, 1962); what is left holds a cycle for each walk along its dependencies.
   */
  static List<List<String>> find(List<StepSpec> plan) {
    Map<String, StepSpec> stuck = stuck(plan);
    List<List<String>> cycles = new ArrayList<>();
    Set<String> walked = new HashSet<>();
    for (String start : stuck.keySet()) {
      if (!walked.contains(start) && cycles.size() < MOST) {
        List<String> cycle = walk(start, stuck, walked);
        if (!cycle.isEmpty()) {
          cycles.add(cycle);
        }
      }
    }
    return cycles;
  }

  private static Map<String, StepSpec> stuck(List<StepSpec> plan) {
    Map<String, Integer> open = new HashMap<>();
    Map<String, List<String>> dependents = new HashMap<>();
    Map<String, StepSpec> left = new java.util.LinkedHashMap<>();
    for (StepSpec step : plan) {
      left.put(step.stepId(), step);
      open.put(step.stepId(), step.dependencyList().size());
      step.dependencyList()
          .forEach(d -> dependents.computeIfAbsent(d, k -> new ArrayList<>()).add(step.stepId()));
    }
    Deque<String> free = new ArrayDeque<>();
    open.forEach(
        (id, count) -> {
          if (count == 0) {
            free.add(id);
          }
        });
    while (!free.isEmpty()) {
      String id = free.removeFirst();
      left.remove(id);
      for (String dependent : dependents.getOrDefault(id, List.of())) {
        if (open.merge(dependent, -1, Integer::sum) == 0) {
          free.add(dependent);
        }
      }
    }
    return left;
  }

  /** Nothing where it comes to what was walked before: no step is walked over twice. */
  private static List<String> walk(String start, Map<String, StepSpec> stuck, Set<String> walked) {
    Set<String> path = new LinkedHashSet<>();
    String id = start;
    while (path.add(id)) {
      if (!walked.add(id)) {
        return List.of();
      }
      StepSpec step = stuck.get(id);
      if (step == null) {
        throw new IllegalStateException("walked out of the cycle at " + id);
      }
      id = step.dependencyList().stream().filter(stuck::containsKey).findFirst().orElseThrow();
    }
    List<String> all = new ArrayList<>(path);
    List<String> cycle = new ArrayList<>(all.subList(all.indexOf(id), all.size()));
    cycle.add(id);
    return cycle;
  }
}
