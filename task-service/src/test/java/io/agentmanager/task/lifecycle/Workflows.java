package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Workflows with fixed ids for tests of the lifecycle. */
final class Workflows {
  static final WorkflowKey KEY = WorkflowKey.of("default", "w-1");
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  static final StepId A = new StepId("a");
  static final StepId B = new StepId("b");
  static final StepId C = new StepId("c");

  private OnFailure onFailure = OnFailure.FAIL;
  private AuditMode audit = AuditMode.RULES;
  private int cycle;
  private final Map<String, List<String>> dependencies = new LinkedHashMap<>();
  private final Map<String, StepState> steps = new LinkedHashMap<>();

  /** a → b → c, the step a at attempt 1. */
  static Workflows chain(StepStatus a, StepStatus b, StepStatus c) {
    return new Workflows().step("a", a).step("b", b, "a").step("c", c, "b");
  }

  Workflows step(String id, StepStatus status, String... needs) {
    dependencies.put(id, Arrays.asList(needs));
    steps.put(id, state(id, status));
    return this;
  }

  Workflows onFailure(OnFailure choice) {
    onFailure = choice;
    return this;
  }

  Workflows audit(AuditMode mode) {
    audit = mode;
    return this;
  }

  Workflows cycle(int number) {
    cycle = number;
    return this;
  }

  /** The workflow in a status, with counts that fit its steps. */
  WorkflowState in(WorkflowStatus status) {
    Map<StepId, StepState> loaded = new LinkedHashMap<>();
    steps.values().forEach(step -> loaded.put(step.id(), wired(step)));
    int open = (int) loaded.values().stream().filter(s -> s.status().isOpen()).count();
    int broken = (int) loaded.values().stream().filter(Workflows::isBrokenSink).count();
    return new WorkflowState(KEY, status, cycle, open, broken, onFailure, audit, 2, null, loaded);
  }

  private StepState wired(StepState step) {
    List<StepId> needs = dependencies.get(step.id().value()).stream().map(StepId::new).toList();
    List<StepId> dependents = new ArrayList<>();
    dependencies.forEach(
        (id, list) -> {
          if (list.contains(step.id().value())) {
            dependents.add(new StepId(id));
          }
        });
    int open =
        (int)
            needs.stream()
                .filter(n -> steps.get(n.value()).status() != StepStatus.COMPLETED)
                .count();
    return new StepState(
        step.id(),
        step.status(),
        step.attempt(),
        step.failures(),
        open,
        3,
        "researcher",
        0,
        true,
        "worker-1",
        null,
        needs,
        dependents);
  }

  private static StepState state(String id, StepStatus status) {
    int attempt = status == StepStatus.PENDING || status == StepStatus.READY ? 0 : 1;
    return new StepState(
        new StepId(id),
        status,
        attempt,
        0,
        0,
        3,
        "researcher",
        0,
        true,
        null,
        null,
        List.of(),
        List.of());
  }

  private static boolean isBrokenSink(StepState step) {
    return step.isSink()
        && (step.status() == StepStatus.FAILED || step.status() == StepStatus.CANCELLED);
  }
}
