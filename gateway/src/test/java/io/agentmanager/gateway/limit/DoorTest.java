package io.agentmanager.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agentmanager.gateway.RunningGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What nobody may do at the door without end. */
class DoorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int GUESSES = 20;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway =
        RunningGateway.start(
            1,
            "agentmanager.gateway.strangers.at-once=" + GUESSES,
            "agentmanager.gateway.strangers.per-second=1",
            "agentmanager.limits.tenants.few.open-calls=3",
            "agentmanager.gateway.requests.silent=PT3S");
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
  }

  private static Socket send(String head) throws IOException {
    Socket socket = new Socket("127.0.0.1", gateway.port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void aTenantHasOnlySoManyCallsOpenAndOthersDoNotFeelIt() throws Exception {
    String few = gateway.token("few", "\"tenant\":\"few\",\"roles\":[\"admin\"]");
    // A new token is not looked at while this address is slowed, as another test has it.
    await().atMost(PATIENCE).until(() -> gateway.call(few, "GET", "/v1/workflows").status() == 200);
    List<Socket> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        streams.add(
            send(
                "GET /v1/workflows/held/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + few
                    + "\r\n\r\n"));
      }
      await().atMost(PATIENCE).until(() -> gateway.held() == 3);
      RunningGateway.Answer refused = gateway.call(few, "GET", "/v1/workflows");
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(refused.text("detail")).contains("3 calls open");
      assertThat(gateway.call(few, "POST", "/v1/workers/w/heartbeat", "{}").status())
          .as("what keeps work goes on")
          .isEqualTo(200);
      assertThat(gateway.call(RunningGateway.ADMINISTRATOR, "GET", "/v1/workflows").status())
          .isEqualTo(200);
    } finally {
      for (Socket stream : streams) {
        stream.close();
      }
    }
    await().atMost(PATIENCE).until(() -> gateway.call(few, "GET", "/v1/workflows").status() == 200);
  }

  @Test
  void whoeverGuessesTokensIsSlowedAndWhoeverHasOneIsNot() {
    assertThat(gateway.call(RunningGateway.ADMINISTRATOR, "GET", "/v1/workflows").status())
        .isEqualTo(200);
    for (int i = 0; i < GUESSES; i++) {
      assertThat(gateway.call("guess-" + i, "GET", "/v1/workflows").status()).isEqualTo(401);
    }
    RunningGateway.Answer refused = guessUntilRefused();
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.text("detail")).contains("good token");
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(gateway.call(RunningGateway.ADMINISTRATOR, "GET", "/v1/workflows").status())
        .as("while the guesses are refused")
        .isEqualTo(200);
    assertThat(gateway.call("", "GET", "/actuator/health").status()).isNotEqualTo(429);
    await()
        .atMost(PATIENCE)
        .until(() -> gateway.call("guess", "GET", "/v1/workflows").status() == 401);
  }

  /** A few more than {@link #GUESSES}, as one more is let through each second. */
  private static RunningGateway.Answer guessUntilRefused() {
    for (int i = 0; i < 10 * GUESSES; i++) {
      RunningGateway.Answer answer = gateway.call("more-" + i, "GET", "/v1/workflows");
      if (answer.status() != 401) {
        return answer;
      }
    }
    throw new AssertionError("no guess was refused");
  }

  @Test
  void aBodyThatDoesNotComeEndsItsConnection() throws Exception {
    try (Socket slow =
        send(
            "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + RunningGateway.ADMINISTRATOR
                + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")) {
      // Less than the 20 s that are the default.
      slow.setSoTimeout(15_000);
      String end = new String(slow.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      // Whoever notices first: the connection closes without an answer, or the body is told as cut.
      assertThat(end).matches("(?s)|HTTP/1.1 40[08] .*");
    }
  }
}
