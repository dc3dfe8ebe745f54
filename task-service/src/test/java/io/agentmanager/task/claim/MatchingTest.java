package io.agentmanager.task.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.task.lifecycle.StepState;
import io.agentmanager.task.write.HandOver;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class MatchingTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void theMostUrgentStepGoesFirstWhateverItsCapability() {
    Matching matching =
        new Matching(List.of(step("low", "a", 1), step("high", "b", 9), step("mid", "a", 5)), NOW);
    assertThat(matching.takes(claim("w", 2, NOW.plusSeconds(5), "a", "b"))).isTrue();
    assertThat(names(matching)).containsExactly("high", "mid");
  }

  @Test
  void whoComesFirstIsServedFirstAndNobodyGetsWhatHeCannotDo() {
    Matching matching = new Matching(List.of(step("s", "a", 0)), NOW);
    assertThat(matching.takes(claim("other", 1, NOW.plusSeconds(5), "b"))).isFalse();
    assertThat(matching.takes(claim("late", 1, NOW, "a"))).isFalse();
    assertThat(matching.takes(claim("first", 1, NOW.plusSeconds(5), "a"))).isTrue();
    assertThat(matching.takes(claim("second", 1, NOW.plusSeconds(5), "a"))).isFalse();
    assertThat(matching.matches().getFirst().waiting().claim().worker()).isEqualTo("first");
  }

  @Test
  void anotherTenantsStepIsNobodysBusiness() {
    Matching matching = new Matching(List.of(step("s", "a", 0)), NOW);
    Claim foreign =
        new Claim(new TenantId("other"), "w", Set.of("a"), 1, NOW.plusSeconds(5), null, false);
    assertThat(matching.takes(new ClaimDesk.Waiting(foreign, NOW, new CompletableFuture<>())))
        .isFalse();
  }

  private static List<String> names(Matching matching) {
    return matching.matches().getFirst().steps().stream()
        .map(step -> step.key().step().value())
        .toList();
  }

  private static ClaimDesk.Waiting claim(
      String worker, int max, Instant until, String... capabilities) {
    return new ClaimDesk.Waiting(
        new Claim(new TenantId("default"), worker, Set.of(capabilities), max, until, null, false),
        NOW,
        new CompletableFuture<>());
  }

  static HandOver.Ready step(String id, String capability, int priority) {
    StepId step = new StepId(id);
    return new HandOver.Ready(
        new StepKey(WorkflowKey.of("default", "w"), step),
        new StepState(
            step,
            StepStatus.READY,
            0,
            0,
            0,
            3,
            capability,
            priority,
            false,
            null,
            null,
            List.of(),
            List.of()));
  }
}
