package io.agentmanager.planner.plan;

import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.api.Problem.Fault;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.file.WorkspacePath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** What every plan obeys, whoever made it. */
public final class PlanRules {
  /** More faults than this are not listed. */
  public static final int MOST_FAULTS = 100;

  private static final int MOST_STEPS = 10_000;
  private static final int LONGEST_DESCRIPTION = 32_000;
  private static final int MOST_ATTEMPTS = 100;
  private static final int MOST_ITERATIONS = 1000;
  private static final int MOST_FILES = 1000;
  private static final int LONGEST_PATTERN = 1000;
  private static final int MOST_SOURCES = 100;
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);
  private static final Pattern STEP_ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern CAPABILITY = Pattern.compile("[A-Za-z0-9._:@-]{1,100}");

  private final List<Fault> faults = new ArrayList<>();

  private PlanRules() {}

  /** Every fault of the plan, at most 100; none means that it may be admitted. */
  public static List<Fault> faults(List<@Nullable StepSpec> plan) {
    PlanRules rules = new PlanRules();
    rules.check(plan);
    return rules.faults.stream().limit(MOST_FAULTS).toList();
  }

  private void check(List<@Nullable StepSpec> plan) {
    if (plan.isEmpty() || plan.size() > MOST_STEPS) {
      fault("/tasks", "must hold 1 to 10000 steps, not " + plan.size());
      return;
    }
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < plan.size(); i++) {
      StepSpec step = plan.get(i);
      if (step == null) {
        fault("/tasks/" + i, "must be an object");
      } else {
        checkStep("/tasks/" + i, step, i, first);
      }
    }
    for (int i = 0; i < plan.size(); i++) {
      StepSpec step = plan.get(i);
      if (step != null) {
        checkDependencies("/tasks/" + i + "/dependencies/", step.dependencyList(), first.keySet());
      }
    }
    checkCycles(plan, first);
  }

  private void checkStep(String at, StepSpec step, int index, Map<String, Integer> first) {
    String id = step.stepId();
    if (id == null || !STEP_ID.matcher(id).matches()) {
      fault(at + "/step_id", "must have 1 to 100 characters of A-Z a-z 0-9 . _ -");
    } else if (first.putIfAbsent(id, index) != null) {
      fault(at + "/step_id", "duplicate: " + id + " is step " + first.get(id) + " already");
    }
    checkText(at + "/task_description", step.taskDescription());
    if (step.assignedAgent() == null || !CAPABILITY.matcher(step.assignedAgent()).matches()) {
      fault(at + "/assigned_agent", "must have 1 to 100 characters of A-Z a-z 0-9 . _ : @ -");
    }
    checkRange(at + "/max_attempts", step.maxAttempts(), MOST_ATTEMPTS);
    checkRange(at + "/max_iterations", step.maxIterations(), MOST_ITERATIONS);
    Duration timeout = step.timeout();
    if (timeout != null
        && (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST_TIMEOUT) > 0)) {
      fault(at + "/timeout", "must be positive and at most a day");
    }
    checkFiles(at, step);
    if (step.checks() != null) {
      checkChecks(at + "/checks", step.checks());
    }
  }

  private void checkText(String at, @Nullable String text) {
    if (text == null
        || text.isBlank()
        || text.codePointCount(0, text.length()) > LONGEST_DESCRIPTION) {
      fault(at, "must have 1 to 32000 characters");
    }
  }

  private void checkRange(String at, @Nullable Integer value, int most) {
    if (value != null && (value < 1 || value > most)) {
      fault(at, "must be 1 to " + most);
    }
  }

  private void checkFiles(String at, StepSpec step) {
    List<String> files = step.fileList();
    if (files.size() > MOST_FILES) {
      fault(at + "/file_dependencies", "must name at most 1000 files");
      return;
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < files.size(); i++) {
      String pointer = at + "/file_dependencies/" + i;
      String file = files.get(i);
      var path =
          file == null ? java.util.Optional.<WorkspacePath>empty() : WorkspacePath.parse(file);
      if (path.isEmpty()) {
        fault(pointer, "is no path within the workspace: " + file);
      } else if (!seen.add(path.get().value())) {
        fault(pointer, "names a file twice: " + file);
      }
    }
    if (step.fileAccessTypes() != null) {
      Set<String> named = new HashSet<>(files);
      step.fileAccessTypes()
          .forEach(
              (file, access) -> {
                if (!named.contains(file)) {
                  fault(at + "/file_access_types", "is not in file_dependencies: " + file);
                } else if (access == null) {
                  fault(at + "/file_access_types", "must be read, write or exclusive: " + file);
                }
              });
    }
  }

  private void checkChecks(String at, Checks checks) {
    if (checks.schema() != null) {
      JsonSchemas.fault(checks.schema()).ifPresent(why -> fault(at + "/schema", why));
    }
    Integer least = checks.minLength();
    Integer most = checks.maxLength();
    if (least != null && least < 0) {
      fault(at + "/min_length", "must be 0 or more");
    }
    if (most != null && (most < 0 || (least != null && most < least))) {
      fault(at + "/max_length", "must be 0 or more and not below min_length");
    }
    checkPattern(at + "/pattern", checks.pattern());
    List<String> sources = checks.mustCite();
    if (sources != null
        && (sources.size() > MOST_SOURCES
            || sources.stream().anyMatch(s -> s == null || s.isBlank()))) {
      fault(at + "/must_cite", "must name at most 100 sources, none of them blank");
    }
  }

  private void checkPattern(String at, @Nullable String pattern) {
    if (pattern == null) {
      return;
    }
    if (pattern.length() > LONGEST_PATTERN) {
      fault(at, "must have at most 1000 characters");
      return;
    }
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      fault(at, "is no regular expression: " + e.getDescription());
    }
  }

  private void checkDependencies(String at, List<String> dependencies, Set<String> known) {
    Set<String> seen = new HashSet<>();
    for (int d = 0; d < dependencies.size(); d++) {
      String id = dependencies.get(d);
      if (id == null || !known.contains(id)) {
        fault(at + d, "unknown step: " + id);
      } else if (!seen.add(id)) {
        fault(at + d, "names a step twice: " + id);
      }
    }
  }

  /** Looks for cycles among the steps and dependencies that are sound. */
  private void checkCycles(List<@Nullable StepSpec> plan, Map<String, Integer> indexes) {
    List<StepSpec> sound = new ArrayList<>();
    indexes
        .values()
        .forEach(
            i -> {
              StepSpec step = plan.get(i);
              if (step != null) {
                List<String> known =
                    step.dependencyList().stream().filter(indexes::containsKey).distinct().toList();
                sound.add(
                    StepSpec.of(
                        step.stepId(), step.taskDescription(), step.assignedAgent(), known));
              }
            });
    Cycles.find(sound)
        .forEach(
            cycle ->
                fault(
                    "/tasks/" + indexes.get(cycle.getFirst()) + "/dependencies",
                    "cycle: " + String.join(" -> ", cycle)));
  }

  private void fault(String pointer, String message) {
    faults.add(new Fault(pointer, message));
  }
}
