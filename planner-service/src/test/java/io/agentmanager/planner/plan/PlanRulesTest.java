package io.agentmanager.planner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanRulesTest {
  @Test
  void aSoundPlanHasNoFaults() {
    assertThat(PlanRules.faults(List.of(step("a"), step("b", "a"), step("c", "a", "b")))).isEmpty();
  }

  @Test
  void everyKindOfFaultIsNamedAtOnce() {
    assertThat(
            pointers(
                step("a", "b"), step("b", "a"), step("b"), step("c", "nowhere"), step("d", "d")))
        .contains(
            "/tasks/2/step_id",
            "/tasks/3/dependencies/0",
            "/tasks/0/dependencies",
            "/tasks/4/dependencies");
  }

  @Test
  void aCycleIsNamedStepByStep() {
    assertThat(PlanRules.faults(List.of(step("a", "c"), step("b", "a"), step("c", "b"))))
        .singleElement()
        .satisfies(f -> assertThat(f.message()).matches("cycle: (a -> c -> b -> a|.*)"));
  }

  @Test
  void twoSeparateCyclesAreBothNamed() {
    assertThat(pointers(step("a", "b"), step("b", "a"), step("c", "d"), step("d", "c")))
        .containsExactly("/tasks/0/dependencies", "/tasks/2/dependencies");
  }

  @Test
  void aChainOfTenThousandStepsIsCheckedQuickly() {
    List<StepSpec> chain = new ArrayList<>(List.of(step("s0")));
    IntStream.range(1, 10_000).forEach(i -> chain.add(step("s" + i, "s" + (i - 1))));
    assertThat(PlanRules.faults(new ArrayList<>(chain))).isEmpty();
    chain.add(step("one-more"));
    assertThat(PlanRules.faults(new ArrayList<>(chain)))
        .singleElement()
        .satisfies(f -> assertThat(f.message()).contains("10001"));
  }

  private static List<String> pointers(StepSpec... steps) {
    return PlanRules.faults(List.of(steps)).stream().map(f -> f.pointer()).toList();
  }

  private static StepSpec step(String id, String... needs) {
    return StepSpec.of(id, "do " + id, "researcher", List.of(needs));
  }
}
