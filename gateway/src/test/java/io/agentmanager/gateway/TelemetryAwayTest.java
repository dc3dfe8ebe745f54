package io.agentmanager.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A collector of spans that takes connections and never answers. */
class TelemetryAwayTest {
  /** OpenTelemetry's SDK waits ten seconds for an exporter when it is closed. */
  private static final Duration OF_THE_SDK = Duration.ofSeconds(10);

  @Test
  void aServiceThatStopsDoesNotWaitForACollectorThatIsSilent() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      RunningGateway gateway =
          RunningGateway.start(
              1,
              "management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:"
                  + silent.getLocalPort()
                  + "/v1/traces");
      RunningGateway.Answer answer =
          gateway.call(
              0,
              RunningGateway.ADMINISTRATOR,
              "GET",
              "/v1/workflows/traced",
              null,
              "traceparent",
              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
      assertThat(answer.status()).isEqualTo(200);
      long began = System.nanoTime();
      gateway.close();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(OF_THE_SDK);
    }
  }
}
