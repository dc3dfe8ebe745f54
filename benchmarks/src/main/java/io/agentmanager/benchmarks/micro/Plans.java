package io.agentmanager.benchmarks.micro;

import io.agentmanager.contracts.api.StepSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Plans of the shapes that are measured. */
final class Plans {
  private static final int WIDTH = 8;
  private static final int LAYER = 100;
  private static final int DEPENDENCIES = 3;

  private Plans() {}

  /** 1 → 8 → 1. */
  static List<StepSpec> diamond() {
    List<StepSpec> steps = new ArrayList<>();
    List<String> middle = IntStream.range(0, WIDTH).mapToObj(i -> "middle-" + i).toList();
    steps.add(step("first", List.of()));
    middle.forEach(id -> steps.add(step(id, List.of("first"))));
    steps.add(step("last", middle));
    return steps;
  }

  /** Layers of a hundred steps, each of which depends on three of the layer before. */
  static List<StepSpec> layers(int steps) {
    return IntStream.range(0, steps).mapToObj(i -> step("s" + i, before(i))).toList();
  }

  private static List<String> before(int step) {
    int layer = step / LAYER - 1;
    return layer < 0
        ? List.of()
        : IntStream.range(0, DEPENDENCIES)
            .mapToObj(i -> "s" + (layer * LAYER + (step + i) % LAYER))
            .toList();
  }

  private static StepSpec step(String id, List<String> dependencies) {
    return StepSpec.of(id, "say what this step is about", "any", dependencies);
  }
}
