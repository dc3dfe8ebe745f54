package io.agentmanager.benchmarks;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.json.WireJson;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Submissions of explicit plans without an audit, as JSON. */
final class Shapes {
  /** Steps of {@link #diamond}. */
  static final int DIAMOND_STEPS = 10;

  private static final int WIDTH = 8;

  private Shapes() {}

  /** 1 → 8 → 1. */
  static byte[] diamond(String capability) {
    return wide(capability, WIDTH);
  }

  /** 1 → n → 1. */
  static byte[] wide(String capability, int width) {
    List<StepSpec> steps = new ArrayList<>();
    steps.add(StepSpec.of("first", "do nothing", capability, List.of()));
    List<String> middle = IntStream.range(0, width).mapToObj(i -> "middle-" + i).toList();
    middle.forEach(id -> steps.add(StepSpec.of(id, "do nothing", capability, List.of("first"))));
    steps.add(StepSpec.of("last", "do nothing", capability, middle));
    return submission(steps);
  }

  /** One step after the other. */
  static byte[] chain(String capability, int length) {
    return submission(
        IntStream.range(0, length)
            .mapToObj(
                i ->
                    StepSpec.of(
                        "s" + i,
                        "do nothing",
                        capability,
                        i == 0 ? List.of() : List.of("s" + (i - 1))))
            .toList());
  }

  /** That many steps side by side. */
  static byte[] flat(String capability, int width, int priority) {
    return submission(
        IntStream.range(0, width)
            .mapToObj(i -> StepSpec.of("s" + i, "do nothing", capability, List.of()))
            .toList(),
        priority);
  }

  private static byte[] submission(List<StepSpec> steps) {
    return submission(steps, 0);
  }

  private static byte[] submission(List<StepSpec> steps, int priority) {
    return WireJson.mapper()
        .writeValueAsBytes(
            new TaskSubmission(
                "a benchmark",
                null,
                null,
                priority,
                null,
                steps,
                new AuditPolicy(AuditMode.NONE, 0),
                null,
                null));
  }
}
