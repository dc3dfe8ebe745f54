package io.agentmanager.http;

import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpHttpSpanExporterBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Traces go where {@code OTEL_EXPORTER_OTLP_ENDPOINT} says; without it nothing is recorded, and a
 * caller's trace travels on unchanged.
 */
@Configuration(proxyBeanMethods = false)
public class TracingConfiguration {
  private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";
  private static final Duration EXPORT = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final String PROBABILITY = "management.tracing.sampling.probability";

  @Bean
  Traces traces(Environment settings, OpenTelemetry telemetry) {
    return isOn(settings) ? new Traces(telemetry) : Traces.none();
  }

  /** A caller that says whether its trace is recorded decides for what it calls. */
  @Bean
  Sampler sampler(Environment settings) {
    return isOn(settings)
        ? Sampler.parentBased(
            Sampler.traceIdRatioBased(settings.getProperty(PROBABILITY, Double.class, 1.0)))
        : Sampler.alwaysOff();
  }

  /** Whether spans go anywhere. */
  public static boolean isOn(Environment settings) {
    String endpoint = settings.getProperty(ENDPOINT);
    return endpoint != null && !endpoint.isBlank();
  }

  /** A collector that is away costs some spans, and must not hold up a service that stops. */
  @Bean
  OtlpHttpSpanExporterBuilderCustomizer hastyExport() {
    RetryPolicy once =
        RetryPolicy.builder()
            .setMaxAttempts(2)
            .setInitialBackoff(PAUSE)
            .setMaxBackoff(PAUSE)
            .build();
    return exporter -> exporter.setTimeout(EXPORT).setRetryPolicy(once);
  }
}
