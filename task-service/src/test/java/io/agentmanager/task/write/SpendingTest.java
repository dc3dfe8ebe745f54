package io.agentmanager.task.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.diagnostics.ModelSpending;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpendingTest {
  private static final TenantId ACME = new TenantId("acme");

  private static Iteration iteration(int index, @Nullable String observation, long tokens) {
    return new Iteration(
        index, "t", null, observation, new Iteration.TokenUsage(tokens, 0, null, null), null, null);
  }

  private static long tokens(List<Iteration> known, List<Iteration> more) {
    return Spending.sum(Spending.of(known, more)).inputTokens();
  }

  @Test
  void anIterationIsPaidForOnceHoweverOftenItIsTold() {
    List<Iteration> posted = List.of(iteration(0, "seen", 10), iteration(1, "seen", 5));
    assertThat(tokens(posted, List.of())).isEqualTo(15);
    assertThat(tokens(posted, posted)).isEqualTo(15);
    assertThat(tokens(posted, List.of(iteration(2, null, 7)))).isEqualTo(22);
  }

  @Test
  void anAnnouncedOneIsCompletedAndAFinishedOneStays() {
    assertThat(tokens(List.of(iteration(0, null, 10)), List.of(iteration(0, "seen", 12))))
        .isEqualTo(12);
    assertThat(tokens(List.of(iteration(0, "seen", 10)), List.of(iteration(0, "other", 99))))
        .isEqualTo(10);
  }

  @Test
  void onlyGrowthCounts() {
    Spending spending = new Spending();
    spending.grew(ACME, Map.of(), Map.of("m", new Usage(10, 1, 0.5)));
    spending.grew(ACME, Map.of("m", new Usage(10, 1, 0.5)), Map.of("m", new Usage(12, 1, 0.75)));
    spending.grew(ACME, Map.of("m", new Usage(12, 1, 0.75)), Map.of("m", new Usage(2, 1, 0)));
    assertThat(spending.byTenant()).containsEntry(ACME, new Usage(12, 1, 0.75));
  }

  @Test
  void aTenantIsNotChargedAgainForWhatIsToldUnderAnotherName() {
    Spending spending = new Spending();
    spending.grew(ACME, Map.of("", new Usage(10, 1, 0.5)), Map.of("large", new Usage(10, 1, 0.5)));
    assertThat(spending.byTenant()).containsEntry(ACME, Usage.NONE);
  }

  @Test
  void eachModelIsCountedByItself() {
    List<Iteration> both = List.of(by("large", 0, 10), by("small", 1, 2), by("large", 2, 5));
    Map<String, Usage> used = Spending.of(both, List.of());
    assertThat(used)
        .containsEntry("large", new Usage(15, 0, 0))
        .containsEntry("small", new Usage(2, 0, 0));
    Spending spending = new Spending();
    spending.grew(ACME, Spending.of(both.subList(0, 1), List.of()), used);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    spending.tell(new ModelSpending(registry));
    assertThat(
            registry
                .get("agentmanager.model.tokens")
                .tags("tenant", "acme", "gen_ai.request.model", "large")
                .tag("gen_ai.token.type", "input")
                .counter()
                .count())
        .isEqualTo(5);
    assertThat(spending.byTenant()).containsEntry(ACME, new Usage(7, 0, 0));
  }

  private static Iteration by(String model, int index, long tokens) {
    return new Iteration(
        index, "t", null, "o", new Iteration.TokenUsage(tokens, 0, null, model), null, null);
  }
}
