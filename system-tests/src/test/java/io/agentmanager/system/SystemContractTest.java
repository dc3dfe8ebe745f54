package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The real system keeps what workers rely on; its leases end when nobody is heard of. */
class SystemContractTest extends WorkerContract {
  private final Api api = RunningSystem.split().api();

  @Test
  void ofALongCheckpointTheOlderObservationsAreLeftOut() {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode first = claim(worker, null);
    assertThat(first.path("attempt").asInt()).isEqualTo(1);
    String observation = "x".repeat(1_000_000);
    for (int index = 0; index < 6; index++) {
      String iteration =
          "{\"index\": %d, \"thought\": \"t\", \"observation\": \"%s\"}"
              .formatted(index, observation);
      assertThat(iterations(id, 1, iteration).status()).isEqualTo(202);
    }
    assertThat(post(id, "s", 1, failed(true)).status()).isEqualTo(200);
    JsonNode checkpoint = claim(worker, null).path("previous_iterations");
    assertThat(checkpoint).hasSize(6);
    assertThat(checkpoint.get(0).path("observation").asString()).contains("left out");
    assertThat(checkpoint.get(0).path("thought").asString()).isEqualTo("t");
    assertThat(checkpoint.get(5).path("observation").asString()).hasSize(1_000_000);
  }

  @Override
  Api api() {
    return api;
  }

  @Override
  void tick() {
    // Time passes.
  }

  @Override
  void loseLeases() {
    // Nobody sends a heartbeat; whoever looks for the step's state waits that long.
  }
}
