package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * What clients and workers of version 1 send and rely on, kept word for word and sent to the system
 * as it is now. The files are added to and never changed: a worker of then meets a server of today.
 */
class GoldenRequestsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private final RunningSystem system = RunningSystem.split();

  @ParameterizedTest
  @ValueSource(strings = {"worker", "shell-worker", "refusals"})
  void whatVersionOneSendsIsAnsweredAsThen(String name) throws IOException {
    GoldenAnswers answers = new GoldenAnswers();
    answers.bind("run", UUID.randomUUID().toString());
    for (JsonNode exchange : session(name).path("exchanges")) {
      Api api = new Api(system.url(), exchange.path("token").asString(system.token()));
      Api.Answer answer = answer(api, exchange, answers);
      String call = exchange.path("call").asString();
      assertThat(answer.status())
          .as("%s: %s", call, answer.body())
          .isEqualTo(exchange.path("status").asInt());
      if (exchange.has("answer")) {
        answers.check(call, exchange.path("answer"), answer.body());
      }
    }
  }

  private static JsonNode session(String name) throws IOException {
    try (InputStream file =
        GoldenRequestsTest.class.getResourceAsStream("/golden/v1/" + name + ".json")) {
      return WireJson.mapper().readTree(file);
    }
  }

  /** Sends a request; where the exchange says so, over and over until that status comes. */
  private static Api.Answer answer(Api api, JsonNode exchange, GoldenAnswers answers) {
    if (!exchange.has("until")) {
      return send(api, exchange, answers);
    }
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> send(api, exchange, answers),
            answer -> answer.status() == exchange.path("until").asInt());
  }

  private static Api.Answer send(Api api, JsonNode exchange, GoldenAnswers answers) {
    String[] call = answers.filled(exchange.path("call").asString()).split(" ", 2);
    String body = exchange.has("body") ? answers.filled(exchange.path("body").toString()) : null;
    List<String> headers = new ArrayList<>();
    exchange
        .path("headers")
        .properties()
        .forEach(
            header -> {
              headers.add(header.getKey());
              headers.add(answers.filled(header.getValue().asString()));
            });
    return api.send(call[0], call[1], body, headers.toArray(String[]::new));
  }
}
