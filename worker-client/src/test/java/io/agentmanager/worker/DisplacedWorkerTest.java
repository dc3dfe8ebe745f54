package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A worker whose name another process has taken over. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
class DisplacedWorkerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PARKED = Duration.ofMillis(100);
  private final AtomicInteger registrations = new AtomicInteger();
  private final AtomicInteger heartbeats = new AtomicInteger();
  private final AtomicInteger claims = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile int heartbeatStatus = 200;
  private HttpServer server;
  @TempDir private Path folder;

  @BeforeEach
  void aServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void claimsNoMoreUntilTheOtherOneHasLeft() {
    WorkerConfig config =
        WorkerConfig.of("w", url(), "t", 1, List.of("a"))
            .withSpool(folder)
            .withDrain(Duration.ofSeconds(1));
    try (Worker worker =
        Worker.builder(config).handler("a", step -> Outcome.completed("done")).start()) {
      awaitMore(claims, 2);
      heartbeatStatus = 409;
      // A heartbeat that timed out tells it nothing: until a refusal is heard it may go on.
      Awaitility.await().atMost(PATIENCE).until(this::claimsNothingDuringTwoHeartbeats);
      assertThat(claimsNothingDuringTwoHeartbeats()).isTrue();
      assertThat(registrations).hasValue(1);
      assertThat(worker.isBeating()).isTrue();

      int beats = heartbeats.get();
      heartbeatStatus = 404;
      Awaitility.await().atMost(PATIENCE).until(() -> registrations.get() >= 2);
      assertThat(heartbeats.get() - beats).as("a pause between them").isLessThan(20);
      heartbeatStatus = 200;
      awaitMore(claims, 2);
    }
  }

  private boolean claimsNothingDuringTwoHeartbeats() {
    int before = claims.get();
    awaitMore(heartbeats, 2);
    return claims.get() == before;
  }

  private static void awaitMore(AtomicInteger counter, int more) {
    int wanted = counter.get() + more;
    Awaitility.await().atMost(PATIENCE).until(() -> counter.get() >= wanted);
  }

  private void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.endsWith("/claims")) {
      claims.incrementAndGet();
      LockSupport.parkNanos(PARKED.toNanos());
      answer(exchange, 200, "{\"tasks\": []}");
    } else if (path.endsWith("/heartbeat")) {
      heartbeats.incrementAndGet();
      answer(exchange, heartbeatStatus, "{\"lost\": [], \"cancelled\": [], \"lease_sec\": 3}");
    } else if (exchange.getRequestMethod().equals("PUT")) {
      registrations.incrementAndGet();
      answer(exchange, 200, "{\"heartbeat_interval_sec\": 1, \"lease_sec\": 3}");
    } else {
      answer(exchange, 200, "{}");
    }
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }
}
