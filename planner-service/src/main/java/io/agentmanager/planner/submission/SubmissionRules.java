package io.agentmanager.planner.submission;

import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.Problem.Fault;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.file.WorkspacePath;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.planner.plan.PlanRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a submission must look like. */
final class SubmissionRules {
  private static final int LONGEST_DESCRIPTION = 32_000;
  private static final int HIGHEST_PRIORITY = 9;
  private static final int MOST_CYCLES = 10;
  private static final int LARGEST_METADATA = 16 * 1024;

  private SubmissionRules() {}

  /** What is wrong with it; empty when it may be taken in. */
  static Optional<Problem> problem(TaskSubmission submission, Instant now) {
    List<Fault> faults = faults(submission, now);
    List<Fault> plan =
        submission.tasks() == null ? List.of() : PlanRules.faults(nullable(submission.tasks()));
    if (faults.isEmpty() && plan.isEmpty()) {
      return Optional.empty();
    }
    ProblemType type = faults.isEmpty() ? ProblemType.INVALID_PLAN : ProblemType.INVALID_REQUEST;
    faults.addAll(plan);
    List<Fault> shown = faults.stream().limit(PlanRules.MOST_FAULTS).toList();
    return Optional.of(
        type.faults(
            shown.size() == 1
                ? shown.getFirst().pointer() + " " + shown.getFirst().message()
                : "There are " + shown.size() + " faults.",
            shown));
  }

  /** The plan with each file's path in its one normal form, so that locks meet. */
  static List<StepSpec> normalised(List<StepSpec> plan) {
    return plan.stream().map(SubmissionRules::normalised).toList();
  }

  @SuppressWarnings("NullAway") // JSON may put a null where the type allows none.
  private static List<@Nullable StepSpec> nullable(List<StepSpec> tasks) {
    return new ArrayList<>(tasks);
  }

  private static StepSpec normalised(StepSpec step) {
    if (step.fileList().isEmpty()) {
      return step;
    }
    Map<String, io.agentmanager.contracts.api.AccessType> access = new LinkedHashMap<>();
    step.fileList().forEach(file -> access.put(normal(file), step.accessTo(file)));
    return new StepSpec(
        step.stepId(),
        step.taskDescription(),
        step.assignedAgent(),
        step.dependencies(),
        step.input(),
        step.fileList().stream().map(SubmissionRules::normal).toList(),
        access,
        step.checks(),
        step.maxAttempts(),
        step.timeout(),
        step.maxIterations());
  }

  private static String normal(String file) {
    return WorkspacePath.parse(file).orElseThrow().value();
  }

  private static List<Fault> faults(TaskSubmission submission, Instant now) {
    List<Fault> faults = new ArrayList<>();
    String description = submission.description();
    if (description == null
        || description.isBlank()
        || description.codePointCount(0, description.length()) > LONGEST_DESCRIPTION) {
      faults.add(new Fault("/description", "must have 1 to 32000 characters"));
    }
    Integer priority = submission.priority();
    if (priority != null && (priority < 0 || priority > HIGHEST_PRIORITY)) {
      faults.add(new Fault("/priority", "must be 0 to 9"));
    }
    if (submission.deadline() != null && !submission.deadline().isAfter(now)) {
      faults.add(new Fault("/deadline", "must be in the future"));
    }
    if (submission.metadata() != null
        && WireJson.mapper().writeValueAsBytes(submission.metadata()).length > LARGEST_METADATA) {
      faults.add(new Fault("/metadata", "must have at most 16 KiB"));
    }
    checkAudit(submission.audit(), faults);
    checkBudget(submission.effectiveBudget(), faults);
    return faults;
  }

  private static void checkAudit(@Nullable AuditPolicy audit, List<Fault> faults) {
    Integer cycles = audit == null ? null : audit.maxReworkCycles();
    if (cycles != null && (cycles < 0 || cycles > MOST_CYCLES)) {
      faults.add(new Fault("/audit/max_rework_cycles", "must be 0 to 10"));
    }
  }

  private static void checkBudget(Budget budget, List<Fault> faults) {
    if (budget.maxTokens() != null && budget.maxTokens() < 0) {
      faults.add(new Fault("/budget/max_tokens", "must be 0 or more"));
    }
    Double cost = budget.maxCostUsd();
    if (cost != null && (cost < 0 || cost.isNaN() || cost.isInfinite())) {
      faults.add(new Fault("/budget/max_cost_usd", "must be 0 or more"));
    }
  }
}
