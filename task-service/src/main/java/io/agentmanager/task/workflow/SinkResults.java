package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The result of a workflow that nobody synthesised: what its last steps came to. */
final class SinkResults {
  private SinkResults() {}

  /** One sink's result as it is; several under a heading each; null when none completed. */
  static @Nullable String join(List<StepView> tasks) {
    List<StepView> done = completed(tasks);
    if (done.isEmpty()) {
      return null;
    }
    if (done.size() == 1) {
      return done.getFirst().finalResult();
    }
    return done.stream()
        .map(step -> "## " + step.stepId() + "\n\n" + step.finalResult())
        .collect(Collectors.joining("\n\n"));
  }

  /** The ids of the sinks that completed. */
  static List<String> ids(List<StepView> tasks) {
    return completed(tasks).stream().map(StepView::stepId).toList();
  }

  private static List<StepView> completed(List<StepView> tasks) {
    Set<String> needed = new HashSet<>();
    tasks.forEach(task -> needed.addAll(task.dependencies()));
    return tasks.stream()
        .filter(task -> task.status() == StepStatus.COMPLETED && !needed.contains(task.stepId()))
        .toList();
  }
}
