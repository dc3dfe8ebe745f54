package io.agentmanager.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class GatewayClientTest {
  private static final Duration BRIEFLY = Duration.ofMillis(300);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Test
  void aClosedPortIsAnOutageForEverybody() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertThat(GatewayCalls.isOutage(failureAt(port, PATIENCE))).isTrue();
  }

  @Test
  void silenceIsNoOutage() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(GatewayCalls.isOutage(failureAt(silent.getLocalPort(), BRIEFLY))).isFalse();
    }
  }

  @Test
  void anAnswerThatBreaksOffAfterItsHeadIsNotWaitedForLonger() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread serving = Thread.ofVirtual().start(() -> answerHeadAlone(server));
      long began = System.nanoTime();
      assertThat(failureAt(server.getLocalPort(), BRIEFLY))
          .isInstanceOf(HttpTimeoutException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE);
      serving.interrupt();
    }
  }

  private static void answerHeadAlone(ServerSocket server) {
    try (Socket caller = server.accept()) {
      caller
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".getBytes(US_ASCII));
      caller.getOutputStream().flush();
      new CountDownLatch(1).await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatTheServerSaysDecides() {
    assertThat(GatewayCalls.isOutage(new Refused(503, null, "away"))).isTrue();
    assertThat(GatewayCalls.isOutage(new Refused(500, null, "broken"))).isFalse();
    assertThat(GatewayCalls.isOutage(new Refused(401, null, "who"))).isFalse();
  }

  private static IOException failureAt(int port, Duration time) {
    GatewayClient client =
        new GatewayClient(
            WorkerConfig.of("w", URI.create("http://127.0.0.1:" + port), "t", 1, List.of("a")),
            WorkerListener.NONE);
    return catchThrowableOfType(IOException.class, () -> client.heartbeat(List.of(), time));
  }
}
