package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatewayClientTest {
  @Test
  void aClosedPortIsAnOutageForEverybody() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertThat(GatewayClient.isOutage(failureAt(port))).isTrue();
  }

  @Test
  void silenceIsNoOutage() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(GatewayClient.isOutage(failureAt(silent.getLocalPort()))).isFalse();
    }
  }

  @Test
  void whatTheServerSaysDecides() {
    assertThat(GatewayClient.isOutage(new GatewayClient.Refused(503, "away"))).isTrue();
    assertThat(GatewayClient.isOutage(new GatewayClient.Refused(500, "broken"))).isFalse();
    assertThat(GatewayClient.isOutage(new GatewayClient.Refused(401, "who"))).isFalse();
  }

  private static IOException failureAt(int port) {
    GatewayClient client =
        new GatewayClient(
            WorkerConfig.of("w", URI.create("http://127.0.0.1:" + port), "t", 1, List.of("a")),
            WorkerListener.NONE);
    return catchThrowableOfType(
        IOException.class, () -> client.heartbeat(List.of(), Duration.ofMillis(300)));
  }
}
