package io.agentmanager.contracts.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

class WireJsonTest {
  @Test
  void timesAndDurationsAreTexts() {
    var submission =
        WireJson.strict()
            .readValue(
                "{\"description\":\"x\",\"deadline\":\"2030-01-01T02:00:00+02:00\"}",
                TaskSubmission.class);
    assertThat(submission.deadline()).isEqualTo(Instant.parse("2030-01-01T00:00:00Z"));
    var step = WireJson.mapper().readValue("{\"timeout\":\"PT10M\"}", StepSpec.class);
    assertThat(step.timeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(WireJson.mapper().writeValueAsString(step)).isEqualTo("{\"timeout\":\"PT10M\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"description\": 7}",
        "{\"description\": true}",
        "{\"priority\": 1.5}",
        "{\"priority\": \"1\"}",
        "{\"deadline\": 1700000000}",
        "{\"complexity\": 1}",
        "{\"unknown\": 1}",
        "{\"description\": \"a\", \"description\": \"b\"}",
        "{} {}"
      })
  void nothingIsGuessedInASubmission(String json) {
    assertThatThrownBy(() -> WireJson.strict().readValue(json, TaskSubmission.class))
        .isInstanceOf(JacksonException.class);
  }
}
