package io.agentmanager.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.agentmanager.contracts.api.Diagnosis;
import io.agentmanager.contracts.api.Diagnosis.Status;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DiagnosticsTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

  private static Diagnosis look(Dependency... dependencies) {
    return new Diagnostics("a-service", List.of(dependencies), CLOCK).look();
  }

  private static final Dependency WELL = new Dependency("well", "nothing", () -> "fine");

  @Test
  void whatIsWellNeedsNoAdvice() {
    Diagnosis diagnosis = look(WELL);
    assertThat(diagnosis.status()).isEqualTo(Status.OK);
    assertThat(diagnosis.checks())
        .extracting(Diagnosis.Check::service, Diagnosis.Check::detail, Diagnosis.Check::advice)
        .containsExactly(tuple("a-service", "fine", null));
  }

  @Test
  void theWorstDecidesAndEachFaultSaysWhatToDo() {
    Dependency doubtful =
        new Dependency(
            "doubtful",
            "look closer",
            () -> {
              throw new Dependency.Doubt("slow");
            });
    Dependency broken =
        new Dependency(
            "broken",
            "mend it",
            () -> {
              throw new IOException("x".repeat(1_000));
            });
    assertThat(look(WELL, doubtful).status()).isEqualTo(Status.WARNING);
    Diagnosis worst = look(broken, doubtful, WELL);
    assertThat(worst.status()).isEqualTo(Status.FAILING);
    assertThat(worst.checks())
        .extracting(Diagnosis.Check::status, Diagnosis.Check::advice)
        .containsExactly(
            tuple(Status.FAILING, "mend it"),
            tuple(Status.WARNING, "look closer"),
            tuple(Status.OK, null));
    assertThat(worst.checks().getFirst().detail()).hasSizeLessThan(400);
  }

  @Test
  void whatDoesNotAnswerIsNotWaitedForAndTakesNothingFromTheOthers() {
    CountDownLatch never = new CountDownLatch(1);
    Dependency silent =
        new Dependency(
            "silent",
            "wake it",
            () -> {
              never.await();
              return "";
            });
    assertThat(look(silent, WELL).checks())
        .extracting(Diagnosis.Check::status)
        .containsExactly(Status.FAILING, Status.OK);
  }
}
