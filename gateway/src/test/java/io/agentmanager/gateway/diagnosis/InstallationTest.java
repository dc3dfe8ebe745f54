package io.agentmanager.gateway.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.api.Diagnosis;
import io.agentmanager.contracts.api.Diagnosis.Check;
import io.agentmanager.contracts.api.Diagnosis.Status;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.gateway.route.ServiceUrls;
import io.agentmanager.http.InternalTokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Services as the gateway sees them, each at fault in another way. */
class InstallationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);
  private final List<HttpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  /** A service whose clock is that far ahead, and what it answers. */
  private URI service(int status, Duration ahead) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
      server.createContext(
          "/internal/diagnostics",
          exchange -> {
            Instant theirs = NOW.plus(ahead);
            byte[] body = WireJson.mapper().writeValueAsBytes(Diagnosis.of(theirs, List.of()));
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      servers.add(server);
      return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Check seen(URI planner) {
    return seen(planner, CLOCK);
  }

  private static Check seen(URI planner, InstantSource clock) {
    Installation installation =
        new Installation(
            () -> Diagnosis.of(NOW, List.of()),
            new ServiceUrls(planner, planner, planner),
            new InternalTokens("0123456789abcdef0123456789abcdef", "gateway", clock),
            clock);
    return installation.look().checks().stream()
        .filter(check -> check.name().equals("planner-service"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aServiceThatAnswersInTimeIsWell() {
    assertThat(seen(service(200, Duration.ofSeconds(1))))
        .isEqualTo(
            new Check(
                "gateway", "planner-service", Status.OK, "answers, and its clock agrees", null));
  }

  @Test
  void aClockThatIsOffIsADoubt() {
    Check late = seen(service(200, Duration.ofSeconds(-5)));
    assertThat(late.status()).isEqualTo(Status.WARNING);
    assertThat(late.detail()).isEqualTo("its clock is 5000 ms off");
    assertThat(late.advice()).contains("NTP");
  }

  @Test
  void aClockThatIsSoFarOffThatTokensAreRefusedIsToldAsTheCause() {
    // The server says the time of the machine.
    InstantSource now = InstantSource.system();
    Check refusing =
        seen(
            service(401, Duration.ZERO),
            InstantSource.fixed(now.instant().minus(Duration.ofSeconds(90))));
    assertThat(refusing.status()).isEqualTo(Status.FAILING);
    assertThat(refusing.detail())
        .matches(".* answered 401, and its clock is \\d+ s ahead of the one here");
    Check secret = seen(service(401, Duration.ZERO), now);
    assertThat(secret.detail()).endsWith("answered 401");
    assertThat(secret.advice()).contains("INTERNAL_TOKEN_SECRET");
  }

  @Test
  void aServiceThatIsAwayFails() {
    Check away = seen(URI.create("http://127.0.0.1:" + FreePorts.next()));
    assertThat(away.status()).isEqualTo(Status.FAILING);
    assertThat(away.detail()).contains("does not answer");
    assertThat(away.advice()).contains("See that it runs");
  }
}
