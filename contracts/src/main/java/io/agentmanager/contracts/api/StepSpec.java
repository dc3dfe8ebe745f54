package io.agentmanager.contracts.api;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One step of a plan, as submitted.
 *
 * @param stepId unique in the plan, {@code [A-Za-z0-9._-]{1,100}}
 * @param taskDescription what to do, in words
 * @param assignedAgent the capability that a worker must offer
 * @param dependencies steps that must complete first
 * @param input data for the worker
 * @param fileDependencies files under the workspace that the step uses
 * @param fileAccessTypes how it uses each; absent means read
 * @param checks what the rule audit demands
 * @param maxAttempts failures before the step fails; 1 to 100, absent means 3
 * @param timeout longest run of one attempt, ISO 8601; absent means ten minutes
 * @param maxIterations iterations of an agent's loop; 1 to 1000, absent means 10
 */
public record StepSpec(
    String stepId,
    String taskDescription,
    String assignedAgent,
    @Nullable List<String> dependencies,
    @Nullable ObjectNode input,
    @Nullable List<String> fileDependencies,
    @Nullable Map<String, AccessType> fileAccessTypes,
    @Nullable Checks checks,
    @Nullable Integer maxAttempts,
    @Nullable Duration timeout,
    @Nullable Integer maxIterations) {
  private static final int DEFAULT_ATTEMPTS = 3;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);
  private static final int DEFAULT_ITERATIONS = 10;

  /** A step with nothing but what it must have. */
  public static StepSpec of(
      String stepId, String taskDescription, String assignedAgent, List<String> dependencies) {
    return new StepSpec(
        stepId,
        taskDescription,
        assignedAgent,
        dependencies,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  /** The same step with this input. */
  public StepSpec withInput(ObjectNode data) {
    return with(data, checks, maxAttempts, timeout, maxIterations);
  }

  /** The same step with these demands on its result. */
  public StepSpec withChecks(Checks demands) {
    return with(input, demands, maxAttempts, timeout, maxIterations);
  }

  /** The same step that may fail so often. */
  public StepSpec withMaxAttempts(int most) {
    return with(input, checks, most, timeout, maxIterations);
  }

  /** The same step with so many iterations of an agent's loop. */
  public StepSpec withMaxIterations(int most) {
    return with(input, checks, maxAttempts, timeout, most);
  }

  /** The same step whose attempts may take so long. */
  public StepSpec withTimeout(Duration most) {
    return with(input, checks, maxAttempts, most, maxIterations);
  }

  private StepSpec with(
      @Nullable ObjectNode newInput,
      @Nullable Checks newChecks,
      @Nullable Integer newMaxAttempts,
      @Nullable Duration newTimeout,
      @Nullable Integer newMaxIterations) {
    return new StepSpec(
        stepId,
        taskDescription,
        assignedAgent,
        dependencies,
        newInput,
        fileDependencies,
        fileAccessTypes,
        newChecks,
        newMaxAttempts,
        newTimeout,
        newMaxIterations);
  }

  /** This step with every absent part at its default. */
  public StepSpec orDefaults() {
    return new StepSpec(
        stepId,
        taskDescription,
        assignedAgent,
        dependencyList(),
        input,
        fileList(),
        fileAccessTypes == null ? Map.of() : fileAccessTypes,
        checks,
        maxAttempts == null ? DEFAULT_ATTEMPTS : maxAttempts,
        timeout == null ? DEFAULT_TIMEOUT : timeout,
        maxIterations == null ? DEFAULT_ITERATIONS : maxIterations);
  }

  /** The dependencies, never null. */
  public List<String> dependencyList() {
    return dependencies == null ? List.of() : dependencies;
  }

  /** The files, never null. */
  public List<String> fileList() {
    return fileDependencies == null ? List.of() : fileDependencies;
  }

  /** How the step uses a file that it declares. */
  public AccessType accessTo(String file) {
    return fileAccessTypes == null
        ? AccessType.READ
        : fileAccessTypes.getOrDefault(file, AccessType.READ);
  }
}
