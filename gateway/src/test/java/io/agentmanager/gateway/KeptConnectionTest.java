package io.agentmanager.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Connections that are kept, and used again before the server is quite done with them. */
class KeptConnectionTest {
  private static final int PATIENCE_MS = 30_000;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = RunningGateway.start(1);
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
  }

  /** The second call is queued behind the first, and refused without a thread between. */
  @Test
  void aCallThatIsRefusedWhileItIsQueuedDoesNotKeepTheNextOneWaiting() throws Exception {
    String slow = request("GET", "/v1/workflows", RunningGateway.ADMINISTRATOR);
    String refused = request("POST", "/v1/workflows/x/cancel", "");
    for (int i = 0; i < 20; i++) {
      try (Socket connection = new Socket("127.0.0.1", gateway.port())) {
        connection.setSoTimeout(PATIENCE_MS);
        connection.getOutputStream().write((slow + refused).getBytes(StandardCharsets.US_ASCII));
        assertThat(status(connection.getInputStream())).isEqualTo("200");
        assertThat(status(connection.getInputStream())).isEqualTo("401");
        connection.getOutputStream().write(slow.getBytes(StandardCharsets.US_ASCII));
        assertThat(status(connection.getInputStream())).isEqualTo("200");
      }
    }
  }

  private static String request(String method, String path, String token) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
        + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
        + "\r\n";
  }

  /** Reads one answer with a body of known length, and returns its status. */
  private static String status(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      assertThat(next).as("the connection ended after: %s", head).isNotNegative();
      head.append((char) next);
    }
    int length =
        Arrays.stream(head.toString().split("\r\n"))
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
            .mapToInt(line -> Integer.parseInt(line.split(":")[1].strip()))
            .findFirst()
            .orElse(0);
    assertThat(in.readNBytes(length)).hasSize(length);
    return head.toString().split(" ")[1];
  }
}
