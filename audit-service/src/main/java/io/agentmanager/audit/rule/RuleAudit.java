package io.agentmanager.audit.rule;

import io.agentmanager.audit.Verdict;
import io.agentmanager.contracts.api.AuditReport.Suggestion;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.contracts.internal.WorkflowMaterial.StepMaterial;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Judges a drained workflow by the rules that its steps declare. */
public final class RuleAudit {
  private RuleAudit() {}

  /** Judges. The same material always gets the same verdict. */
  public static Verdict judge(WorkflowMaterial material) {
    if (isOverBudget(material.budget(), material.usage())) {
      return new Verdict(
          false,
          "The work spent more than its budget: " + material.usage() + ".",
          List.of(),
          1,
          false,
          Usage.NONE);
    }
    List<Suggestion> suggestions = new ArrayList<>();
    for (StepMaterial step : material.steps()) {
      List<String> faults = faults(step);
      if (!faults.isEmpty()) {
        suggestions.add(new Suggestion(step.spec().stepId(), String.join(" ", faults)));
      }
    }
    return new Verdict(
        suggestions.isEmpty(), feedback(suggestions), suggestions, 1, true, Usage.NONE);
  }

  private static List<String> faults(StepMaterial step) {
    return switch (step.status()) {
      case COMPLETED -> StepChecks.faults(step);
      case FAILED -> List.of("The step failed. Do it again.");
      case PENDING, READY, IN_PROGRESS, AWAITING_APPROVAL, CANCELLED -> List.of();
    };
  }

  private static String feedback(List<Suggestion> suggestions) {
    return suggestions.isEmpty()
        ? "Every check that the steps declare holds."
        : suggestions.stream()
            .map(s -> s.stepId() + ": " + s.note())
            .collect(Collectors.joining("\n"));
  }

  private static boolean isOverBudget(Budget budget, Usage usage) {
    return (budget.maxTokens() != null
            && usage.inputTokens() + usage.outputTokens() > budget.maxTokens())
        || (budget.maxCostUsd() != null && usage.costUsd() > budget.maxCostUsd());
  }

  /** The steps that an audit looks at. */
  public static List<String> reviewed(WorkflowMaterial material) {
    return material.steps().stream()
        .filter(step -> step.status() == StepStatus.COMPLETED || step.status() == StepStatus.FAILED)
        .map(step -> step.spec().stepId())
        .toList();
  }
}
