package io.agentmanager.task.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpendingTest {
  private static final TenantId ACME = new TenantId("acme");

  private static Iteration iteration(int index, @Nullable String observation, long tokens) {
    return new Iteration(
        index, "t", null, observation, new Iteration.TokenUsage(tokens, 0, null), null, null);
  }

  private static long tokens(List<Iteration> known, List<Iteration> more) {
    return Spending.of(known, more).inputTokens();
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
    spending.grew(ACME, Usage.NONE, new Usage(10, 1, 0.5));
    spending.grew(ACME, new Usage(10, 1, 0.5), new Usage(12, 1, 0.75));
    spending.grew(ACME, new Usage(12, 1, 0.75), new Usage(2, 1, 0));
    assertThat(spending.byTenant()).containsEntry(ACME, new Usage(12, 1, 0.75));
  }
}
