package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LeftResultsTest {
  private final AtomicInteger calls = new AtomicInteger();
  private volatile int status = 500;
  private HttpServer server;
  @TempDir private Path root;

  @BeforeEach
  void aServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            calls.incrementAndGet();
            exchange.sendResponseHeaders(status, -1);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aResultAtWhichTheServerFailsEachTimeKeepsTheWorkerFromNothing() throws Exception {
    leave("a", "b");
    try (ResultSpool spool = spool()) {
      LeftResults left = new LeftResults(client(), spool);
      left.send(() -> false);
      assertThat(calls.get()).as("both together, then each alone").isBetween(14, 16);
      assertThat(left.isNone()).as("they stay on disk").isFalse();
    }
  }

  @Test
  void aServerThatIsOutIsWaitedFor() throws Exception {
    status = 503;
    leave("a");
    try (ResultSpool spool = spool()) {
      AtomicInteger looks = new AtomicInteger();
      new LeftResults(client(), spool).send(() -> looks.incrementAndGet() > 4);
      assertThat(calls).hasValue(4);
      assertThat(spool.isEmpty()).isFalse();
    }
  }

  @Test
  void whatTheServerNeverTakesIsPutAside() throws Exception {
    status = 422;
    leave("a");
    try (ResultSpool spool = spool()) {
      LeftResults left = new LeftResults(client(), spool);
      left.send(() -> false);
      assertThat(calls).hasValue(1);
      assertThat(left.isNone()).isTrue();
    }
  }

  private void leave(String... steps) throws IOException {
    try (ResultSpool spool = spool()) {
      for (String step : steps) {
        StepResult result =
            new StepResult(
                "w",
                step,
                "worker",
                1,
                ResultStatus.COMPLETED,
                new RaHistory(null, "done", null),
                0.5,
                null);
        spool.keep(ResultSpool.ref(result), WireJson.mapper().writeValueAsBytes(result));
      }
    }
  }

  private ResultSpool spool() throws IOException {
    return ResultSpool.in(root, "w", url());
  }

  private GatewayClient client() {
    return new GatewayClient(
        WorkerConfig.of("w", url(), "t", 1, List.of("a")), WorkerListener.NONE);
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }
}
