package io.agentmanager.planner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RulePlannerTest {
  private static final SortedSet<String> ALL =
      new TreeSet<>(List.of("analyst", "researcher", "writer"));

  @Test
  void aPlainSentenceIsOneStep() {
    List<StepSpec> plan = RulePlanner.plan("Find out who wrote it", ALL);
    assertThat(plan).hasSize(1);
    assertThat(plan.getFirst().assignedAgent()).isEqualTo("researcher");
  }

  @Test
  void itemsStandSideBySideAndWhatFollowsWaitsForAll() {
    List<StepSpec> plan =
        RulePlanner.plan("Look at these:\n1. the first\n2) the second\n\nThen write a report", ALL);
    assertThat(plan).extracting(StepSpec::stepId).containsExactly("item-1", "item-2", "finish");
    assertThat(plan.get(0).dependencyList()).isEmpty();
    assertThat(plan.get(1).taskDescription()).isEqualTo("Look at these:\n\nthe second");
    assertThat(plan.get(2).dependencyList()).containsExactly("item-1", "item-2");
    assertThat(plan.get(2).assignedAgent()).isEqualTo("writer");
  }

  @Test
  void thenPutsPartsInSequence() {
    List<StepSpec> plan =
        RulePlanner.plan("Read the notes, then compare them and then write it up", ALL);
    assertThat(plan)
        .extracting(StepSpec::taskDescription)
        .containsExactly("Read the notes", "compare them", "write it up");
    assertThat(plan.get(2).dependencyList()).containsExactly(plan.get(1).stepId());
    assertThat(plan)
        .extracting(StepSpec::assignedAgent)
        .containsExactly("researcher", "analyst", "writer");
  }

  @Test
  void onlyWhatSomebodyOffersIsAskedFor() {
    SortedSet<String> coder = new TreeSet<>(List.of("coder"));
    assertThat(RulePlanner.plan("Write a program", coder).getFirst().assignedAgent())
        .isEqualTo("coder");
  }

  @Test
  void everyPlanObeysTheRules() {
    for (String request :
        List.of("x", "- a\n- b", "- a then b\n- c\nfinally d", "then", "1. \n2. y")) {
      assertThat(PlanRules.faults(new java.util.ArrayList<>(RulePlanner.plan(request, ALL))))
          .as(request)
          .isEmpty();
    }
  }
}
