package io.agentmanager.worker.testing;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.json.WireJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A step as a worker claims it, for tests of handlers: {@code TestStep.of("sum", "Add a and
 * b").input("{\"a\": 1}").task()}. Unless told otherwise it is the first attempt at step {@code
 * sum} of workflow {@code workflow}, with 10 iterations, a minute, and no budget.
 */
public final class TestStep {
  private static final int ITERATIONS = 10;
  private static final int ATTEMPTS = 3;
  private static final int LEASE_SEC = 15;
  private final String stepId;
  private final String description;
  private String capability = "test";
  private @Nullable ObjectNode input;
  private @Nullable Checks checks;
  private Duration timeout = Duration.ofMinutes(1);
  private int maxIterations = ITERATIONS;
  private String workflowId = "workflow";
  private int attempt = 1;
  private final List<String> reworkNotes = new ArrayList<>();
  private @Nullable String previousResult;
  private final Map<String, String> results = new LinkedHashMap<>();
  private final Map<String, AccessType> files = new LinkedHashMap<>();
  private List<Iteration> checkpoint = List.of();
  private Budget budget = Budget.UNLIMITED;
  private @Nullable StepApproval approval;

  private TestStep(String stepId, String description) {
    this.stepId = stepId;
    this.description = description;
  }

  /** A step. */
  public static TestStep of(String stepId, String description) {
    return new TestStep(stepId, description);
  }

  /** Of that workflow. */
  public TestStep workflow(String id) {
    workflowId = id;
    return this;
  }

  /** That needs this capability. */
  public TestStep capability(String name) {
    capability = name;
    return this;
  }

  /** With this input, a JSON object. */
  public TestStep input(String json) {
    input = WireJson.mapper().readValue(json, ObjectNode.class);
    return this;
  }

  /** Whose result must fit this JSON Schema. */
  public TestStep schema(String json) {
    checks = new Checks(WireJson.mapper().readTree(json), null, null, null, null);
    return this;
  }

  /** Whose result must pass these. */
  public TestStep checks(Checks demanded) {
    checks = demanded;
    return this;
  }

  /** That may take so long. */
  public TestStep timeout(Duration time) {
    timeout = time;
    return this;
  }

  /** That may take so many iterations. */
  public TestStep maxIterations(int most) {
    maxIterations = most;
    return this;
  }

  /** That may spend so much. */
  public TestStep budget(@Nullable Long tokens, @Nullable Double dollars) {
    budget = new Budget(tokens, dollars);
    return this;
  }

  /** That depends on a step with this result. */
  public TestStep result(String dependency, String text) {
    results.put(dependency, text);
    return this;
  }

  /** That declares this file. */
  public TestStep file(String path, AccessType access) {
    files.put(path, access);
    return this;
  }

  /** That an audit sent back. */
  public TestStep sentBack(String result, String note) {
    previousResult = result;
    reworkNotes.add(note);
    attempt++;
    return this;
  }

  /** As the next attempt claims it, after one that left this checkpoint. */
  public TestStep after(List<Iteration> iterations) {
    checkpoint = List.copyOf(iterations);
    attempt++;
    return this;
  }

  /** With what a person said. */
  public TestStep approval(StepApproval answer) {
    approval = answer;
    return this;
  }

  /** The step. */
  public ClaimedTask task() {
    return new ClaimedTask(
        stepId,
        description,
        capability,
        List.copyOf(results.keySet()),
        input,
        List.copyOf(files.keySet()),
        Map.copyOf(files),
        checks,
        ATTEMPTS,
        timeout,
        maxIterations,
        workflowId,
        attempt,
        LEASE_SEC,
        List.copyOf(reworkNotes),
        previousResult,
        Map.copyOf(results),
        false,
        checkpoint,
        budget,
        approval,
        null);
  }
}
