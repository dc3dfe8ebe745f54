package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.journal.JournalHorizon.Observation;
import org.junit.jupiter.api.Test;

class JournalHorizonTest {
  private final JournalHorizon horizon = new JournalHorizon();

  @Test
  void everythingIsCompleteWhenNothingRuns() {
    assertThat(horizon.advance(new Observation(7, 100, 100))).isEqualTo(7);
    assertThat(horizon.isBehind()).isFalse();
  }

  @Test
  void aRunningTransactionHoldsTheHorizonUntilItEnds() {
    assertThat(horizon.advance(new Observation(7, 100, 103))).isZero();
    assertThat(horizon.isBehind()).isTrue();
    assertThat(horizon.advance(new Observation(9, 102, 105))).isZero();
    assertThat(horizon.advance(new Observation(9, 103, 105))).isEqualTo(7);
    assertThat(horizon.advance(new Observation(9, 105, 105))).isEqualTo(9);
    assertThat(horizon.isBehind()).isFalse();
  }

  @Test
  void aTransactionThatBeganBeforeTheLookHoldsItBackWhateverItsId() {
    assertThat(horizon.advance(new Observation(6, 92, 93))).isZero();
    assertThat(horizon.advance(new Observation(6, 94, 0))).isEqualTo(6);
  }

  @Test
  void theHorizonNeverGoesBack() {
    horizon.advance(new Observation(20, 50, 50));
    assertThat(horizon.advance(new Observation(20, 40, 60))).isEqualTo(20);
  }
}
