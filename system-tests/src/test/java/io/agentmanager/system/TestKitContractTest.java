package io.agentmanager.system;

import io.agentmanager.worker.testing.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** The test kit's server in memory is to workers what the real system is. */
class TestKitContractTest extends WorkerContract {
  private final TestServer server = TestServer.start();
  private final Api api = new Api(server.url(), server.token());

  @AfterEach
  void stop() {
    server.close();
  }

  @Override
  Api api() {
    return api;
  }

  @Override
  void tick() {
    server.advance(Duration.ofSeconds(1));
  }

  @Override
  void loseLeases() {
    server.loseLeases();
  }
}
