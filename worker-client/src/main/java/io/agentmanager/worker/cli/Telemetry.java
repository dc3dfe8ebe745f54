package io.agentmanager.worker.cli;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;

/** OpenTelemetry's SDK as its own variables configure it. */
final class Telemetry {
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

  /** The variables come over these. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.service.name", "worker",
          "otel.exporter.otlp.protocol", "http/protobuf",
          "otel.metrics.exporter", "none",
          "otel.logs.exporter", "none");

  private Telemetry() {}

  /** Records nothing unless the variables say where to. It is flushed when the process ends. */
  static OpenTelemetry ofEnvironment() {
    String endpoint = System.getenv(ENDPOINT);
    return endpoint == null || endpoint.isBlank()
        ? OpenTelemetry.noop()
        : AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(() -> DEFAULTS)
            .build()
            .getOpenTelemetrySdk();
  }
}
