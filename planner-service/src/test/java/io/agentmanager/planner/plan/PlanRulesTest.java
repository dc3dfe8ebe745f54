package io.agentmanager.planner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.json.WireJson;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

  @Test
  @Timeout(10)
  void aSchemaWhoseReferencesMultiplyIsRefusedQuickly() {
    StringBuilder bomb = new StringBuilder("{\"$ref\":\"#/$defs/a0\",\"$defs\":{");
    for (int i = 0; i < 40; i++) {
      String next = "{\"$ref\":\"#/$defs/a" + (i + 1) + "\"}";
      bomb.append("\"a%d\":{\"allOf\":[%s,%s]},".formatted(i, next, next));
    }
    assertThat(PlanRules.faults(List.of(checked(bomb + "\"a40\":true}}"))))
        .singleElement()
        .satisfies(f -> assertThat(f.message()).contains("in too many ways"));
  }

  @Test
  void aLargeSchemaAndOneThatRefersToItselfAreFine() {
    String tree =
        "{\"properties\":{\"left\":{\"$ref\":\"#\"},\"right\":{\"$ref\":\"#\"}},\"type\":\"object\"}";
    String wide =
        IntStream.range(0, 2_000)
            .mapToObj(i -> "\"p%d\":{\"type\":\"string\",\"minLength\":1}".formatted(i))
            .collect(Collectors.joining(",", "{\"properties\":{", "}}"));
    assertThat(PlanRules.faults(List.of(checked(tree)))).isEmpty();
    assertThat(PlanRules.faults(List.of(checked(wide)))).isEmpty();
  }

  private static StepSpec checked(String schema) {
    Checks checks = new Checks(WireJson.mapper().readTree(schema), null, null, null, null);
    return new StepSpec("s", "do it", "r", null, null, null, null, checks, null, null, null);
  }

  @Test
  @Timeout(10)
  void aLongWayIntoACycleIsWalkedOnce() {
    List<StepSpec> plan = new ArrayList<>();
    String[] sources = IntStream.range(0, 100).mapToObj(i -> "free-" + i).toArray(String[]::new);
    for (String source : sources) {
      plan.add(step(source));
    }
    IntStream.range(0, 9_000)
        .forEach(
            i -> {
              List<String> needs = new ArrayList<>(List.of(sources));
              needs.add("s" + (i + 1));
              plan.add(step("s" + i, needs.toArray(String[]::new)));
            });
    plan.add(step("s9000", "s8999"));
    assertThat(PlanRules.faults(plan))
        .singleElement()
        .satisfies(f -> assertThat(f.message()).contains("s8999 -> s9000 -> s8999"));
  }

  private static List<String> pointers(StepSpec... steps) {
    return PlanRules.faults(List.of(steps)).stream().map(f -> f.pointer()).toList();
  }

  private static StepSpec step(String id, String... needs) {
    return StepSpec.of(id, "do " + id, "researcher", List.of(needs));
  }
}
