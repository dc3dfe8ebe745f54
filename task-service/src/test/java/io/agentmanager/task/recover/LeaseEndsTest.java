package io.agentmanager.task.recover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Heartbeats every five seconds, leases of fifteen. */
class LeaseEndsTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private final LeaseEnds ends =
      new LeaseEnds(Duration.ofSeconds(5), Duration.ofSeconds(15), START);

  @Test
  void whereCallsComeAtThePaceOfHeartbeatsALeaseEndsWhenItIsOver() {
    assertThat(playUntil(14, 5)).isEqualTo(Instant.EPOCH);
    assertThat(playUntil(60, 5)).isEqualTo(at(60));
  }

  @Test
  void whereCallsComeNowAndThenItEndsFourLeasesLater() {
    assertThat(playUntil(59, 10)).isEqualTo(Instant.EPOCH);
    assertThat(playUntil(200, 10)).isEqualTo(at(140));
  }

  @Test
  void anOutageEndsNoneHoweverLongItLasts() {
    assertThat(playUntil(30, 5)).isEqualTo(at(30));
    for (int second = 31; second <= 37; second++) {
      assertThat(ends.before(START, at(30), at(second))).isEqualTo(at(second));
    }
    for (int second = 38; second <= 3_600; second++) {
      assertThat(ends.before(START, at(30), at(second))).isIn(Instant.EPOCH, at(second - 60));
    }
    assertThat(ends.before(START, at(30), at(3_600))).isEqualTo(Instant.EPOCH);
    for (int second = 3_601; second < 3_616; second++) {
      assertThat(ends.before(START, at(second), at(second))).isEqualTo(Instant.EPOCH);
    }
    assertThat(ends.before(START, at(3_616), at(3_616))).isEqualTo(at(3_616));
  }

  @Test
  void aServiceThatHasJustStartedEndsNone() {
    assertThat(ends.before(at(100), at(110), at(110))).isEqualTo(Instant.EPOCH);
  }

  private Instant playUntil(int until, int pace) {
    Instant before = Instant.MIN;
    for (int second = 0; second <= until; second++) {
      before = ends.before(START, at(second - second % pace), at(second));
    }
    return before;
  }

  private static Instant at(int second) {
    return START.plusSeconds(second);
  }
}
