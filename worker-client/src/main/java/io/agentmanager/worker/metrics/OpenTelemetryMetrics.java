package io.agentmanager.worker.metrics;

import io.agentmanager.models.ModelListener;
import io.agentmanager.worker.WorkerListener;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.LongHistogram;
import io.opentelemetry.api.metrics.LongUpDownCounter;
import io.opentelemetry.api.metrics.Meter;
import java.time.Duration;
import java.util.List;

/**
 * A worker's metrics with OpenTelemetry: {@code agentmanager.worker.steps} in seconds by {@code
 * capability} and {@code status}, {@code agentmanager.worker.running}, {@code
 * agentmanager.worker.results.refused} and {@code agentmanager.worker.gateway.failures}; and its
 * calls of models by the <a
 * href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/">conventions for
 * generative AI</a>: {@code gen_ai.client.operation.duration} in seconds, and {@code
 * gen_ai.client.token.usage} of the calls that were answered. The bounds are those that the
 * conventions advise.
 */
public final class OpenTelemetryMetrics implements ModelListener, WorkerListener {
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("gen_ai.operation.name");
  private static final AttributeKey<String> PROVIDER =
      AttributeKey.stringKey("gen_ai.provider.name");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<String> TOKEN_TYPE =
      AttributeKey.stringKey("gen_ai.token.type");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private static final double NANOS = 1e9;
  private static final AttributeKey<String> CAPABILITY = AttributeKey.stringKey("capability");
  private static final AttributeKey<String> STATUS = AttributeKey.stringKey("status");
  private final DoubleHistogram steps;
  private final LongUpDownCounter running;
  private final LongCounter refused;
  private final LongCounter gatewayFailures;
  private final DoubleHistogram duration;
  private final LongHistogram tokens;

  /** Measures with the meters of a provider. */
  public OpenTelemetryMetrics(OpenTelemetry telemetry) {
    Meter meter = telemetry.getMeter("io.agentmanager.worker");
    steps =
        meter
            .histogramBuilder("agentmanager.worker.steps")
            .setDescription("How long attempts took")
            .setUnit("s")
            .build();
    running =
        meter
            .upDownCounterBuilder("agentmanager.worker.running")
            .setDescription("Attempts that run")
            .setUnit("{attempt}")
            .build();
    refused =
        meter
            .counterBuilder("agentmanager.worker.results.refused")
            .setDescription("Results that the server refused")
            .setUnit("{result}")
            .build();
    gatewayFailures =
        meter
            .counterBuilder("agentmanager.worker.gateway.failures")
            .setDescription("Calls that the gateway did not answer or could not serve")
            .setUnit("{call}")
            .build();
    duration =
        meter
            .histogramBuilder("gen_ai.client.operation.duration")
            .setDescription("How long calls of models took")
            .setUnit("s")
            .setExplicitBucketBoundariesAdvice(
                List.of(
                    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96,
                    81.92))
            .build();
    tokens =
        meter
            .histogramBuilder("gen_ai.client.token.usage")
            .ofLongs()
            .setDescription("Tokens of calls of models")
            .setUnit("{token}")
            .setExplicitBucketBoundariesAdvice(
                List.of(
                    1L,
                    4L,
                    16L,
                    64L,
                    256L,
                    1_024L,
                    4_096L,
                    16_384L,
                    65_536L,
                    262_144L,
                    1_048_576L,
                    4_194_304L,
                    16_777_216L,
                    67_108_864L))
            .build();
  }

  @Override
  public void began(String capability) {
    running.add(1);
  }

  @Override
  public void ended(String capability, String status, Duration took) {
    running.add(-1);
    steps.record(took.toNanos() / NANOS, Attributes.of(CAPABILITY, capability, STATUS, status));
  }

  @Override
  public void refused() {
    refused.add(1);
  }

  @Override
  public void gatewayFailed() {
    gatewayFailures.add(1);
  }

  @Override
  public void called(ModelCall call) {
    Attributes of =
        Attributes.of(OPERATION, "chat", PROVIDER, call.provider(), MODEL, call.model());
    double seconds = call.took().toNanos() / NANOS;
    if (call.error() != null) {
      duration.record(seconds, of.toBuilder().put(ERROR, call.error()).build());
      return;
    }
    duration.record(seconds, of);
    tokens.record(call.usage().inputTokens(), of.toBuilder().put(TOKEN_TYPE, "input").build());
    tokens.record(call.usage().outputTokens(), of.toBuilder().put(TOKEN_TYPE, "output").build());
  }
}
