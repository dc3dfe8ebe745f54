package io.agentmanager.worker.cli;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Map;
import java.util.UUID;

/** OpenTelemetry's SDK as its own variables configure it. */
final class Telemetry {
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

  private static final AttributeKey<String> INSTANCE =
      AttributeKey.stringKey("service.instance.id");

  /** The variables come over these. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.service.name", "worker",
          "otel.exporter.otlp.protocol", "http/protobuf",
          "otel.logs.exporter", "none",
          // A collector that is away costs some spans, and must not hold up a worker that stops.
          "otel.exporter.otlp.timeout", "2000",
          "otel.java.exporter.otlp.retry.disabled", "true");

  private Telemetry() {}

  /** Records nothing unless the variables say where to; to be closed after the work. */
  static OpenTelemetry ofEnvironment() {
    String endpoint = System.getenv(ENDPOINT);
    return endpoint == null || endpoint.isBlank()
        ? OpenTelemetry.noop()
        : AutoConfiguredOpenTelemetrySdk.builder()
            .disableShutdownHook()
            .addPropertiesSupplier(() -> DEFAULTS)
            .addResourceCustomizer((resource, config) -> instance().merge(resource))
            .build()
            .getOpenTelemetrySdk();
  }

  /** Without it the figures of several workers would be taken for those of one. */
  private static Resource instance() {
    return Resource.create(Attributes.of(INSTANCE, UUID.randomUUID().toString()));
  }

  /** Sends the last spans and figures. */
  static void close(OpenTelemetry telemetry) {
    if (telemetry instanceof OpenTelemetrySdk sdk) {
      sdk.close();
    }
  }
}
