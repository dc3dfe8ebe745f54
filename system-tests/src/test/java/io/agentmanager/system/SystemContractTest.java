package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
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

  @Test
  void whatAModelWritesIsShownLiveToThoseWhoWatchAndToNobodyUnderAnothersName() throws Exception {
    register(worker, "one");
    String id = submit(step("s", ""));
    JsonNode task = claim(worker, null);
    assertThat(task.path("attempt").asInt()).isEqualTo(1);
    List<String> lines = new CopyOnWriteArrayList<>();
    Thread watching =
        Thread.ofVirtual()
            .start(() -> api.stream("/v1/workflows/" + id + "/events").body().forEach(lines::add));
    Awaitility.await().until(() -> lines.contains("event:step.claimed"));
    assertThat(streamed(id, worker, "It is a truth universally").status()).isEqualTo(202);
    Awaitility.await().until(() -> lines.contains("event:step.text"));
    assertThat(streamed(id, "somebody", "forged").status()).isIn(202, 403, 409);
    String result = ", \"status\": \"completed\", \"ra_history\": {\"final_result\": \"x\"}";
    assertThat(post(id, "s", 1, result).status()).isEqualTo(200);
    assertThat(watching.join(Duration.ofSeconds(20))).as("the stream ends").isTrue();
    int at = lines.indexOf("event:step.text");
    assertThat(lines.get(at + 1)).startsWith("data:").contains("It is a truth universally");
    assertThat(lines.subList(at, at + 3)).noneMatch(line -> line.startsWith("id:"));
    assertThat(lines).noneMatch(line -> line.contains("forged"));
  }

  private Api.Answer streamed(String id, String client, String text) {
    return api.post(
        "/v1/workflows/" + id + "/steps/s/iterations",
        "{\"client_id\": \"%s\", \"attempt\": 1, \"streamed\": {\"index\": 0, \"text\": \"%s\"}}"
            .formatted(client, text));
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
