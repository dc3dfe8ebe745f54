package io.agentmanager.models;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.DoubleStream;

/**
 * Measures calls of models by <a
 * href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/">OpenTelemetry's
 * conventions for generative AI</a>: tokens and time. Needs Micrometer on the class path.
 */
public final class ModelMeters implements ModelListener {
  private static final String OPERATION = "gen_ai.operation.name";
  private static final String TOKEN_TYPE = "gen_ai.token.type";

  /** The bounds that the conventions advise. */
  private static final double[] SECONDS = {
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92
  };

  private static final double[] TOKENS = {
    1,
    4,
    16,
    64,
    256,
    1024,
    4096,
    16_384,
    65_536,
    262_144,
    1_048_576,
    4_194_304,
    16_777_216,
    67_108_864
  };

  private static final Duration[] TIMES =
      DoubleStream.of(SECONDS)
          .mapToObj(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
          .toArray(Duration[]::new);
  private final MeterRegistry registry;

  /** Measures into a registry. */
  public ModelMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void called(ModelCall call) {
    Tags tags =
        Tags.of(
            OPERATION,
            "chat",
            "gen_ai.provider.name",
            call.provider(),
            "gen_ai.request.model",
            call.model());
    Timer.builder("gen_ai.client.operation.duration")
        .description("How long calls of models took")
        .tags(tags.and("error.type", Objects.requireNonNullElse(call.error(), "")))
        .serviceLevelObjectives(TIMES)
        .register(registry)
        .record(call.took());
    if (call.error() == null) {
      tokens(tags.and(TOKEN_TYPE, "input")).record(call.usage().inputTokens());
      tokens(tags.and(TOKEN_TYPE, "output")).record(call.usage().outputTokens());
    }
  }

  private DistributionSummary tokens(Tags tags) {
    return DistributionSummary.builder("gen_ai.client.token.usage")
        .description("Tokens of calls of models")
        .tags(tags)
        .serviceLevelObjectives(TOKENS)
        .register(registry);
  }
}
