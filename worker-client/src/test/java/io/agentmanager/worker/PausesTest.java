package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PausesTest {
  @ParameterizedTest
  @CsvSource({"1, 200", "2, 400", "3, 800", "5, 3200", "6, 5000", "40, 5000", "1000000, 5000"})
  void pausesDoubleUpToFiveSecondsAndAreNeverShorterThanHalf(int failures, int wholeMs) {
    assertThat(Stream.generate(() -> Pauses.after(failures)).limit(500))
        .allMatch(pause -> pause.compareTo(Duration.ofMillis(wholeMs / 2)) >= 0)
        .allMatch(pause -> pause.compareTo(Duration.ofMillis(wholeMs)) <= 0);
  }

  @Test
  void workersThatFailedTogetherDoNotComeBackTogether() {
    assertThat(Stream.generate(() -> Pauses.after(6)).limit(50).distinct()).hasSizeGreaterThan(20);
  }
}
