package io.agentmanager.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Usage;
import io.agentmanager.models.ModelListener.ModelCall;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OpenTelemetryMetricsTest {
  private static final AttributeKey<String> TYPE = AttributeKey.stringKey("gen_ai.token.type");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private final InMemoryMetricReader reader = InMemoryMetricReader.create();
  private final OpenTelemetryMetrics metrics =
      new OpenTelemetryMetrics(
          OpenTelemetrySdk.builder()
              .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(reader).build())
              .build());

  private static ModelCall call(Usage usage, @Nullable String error) {
    return new ModelCall("openai", "large", usage, Duration.ofMillis(1_500), error);
  }

  private Map<String, MetricData> seen() {
    return reader.collectAllMetrics().stream()
        .collect(Collectors.toMap(MetricData::getName, Function.identity()));
  }

  @Test
  void anAnswerCountsTokensByTypeAndSeconds() {
    metrics.called(call(new Usage(100, 10, 0.5), null));
    Map<String, MetricData> seen = seen();
    Map<String, Double> tokens =
        seen.get("gen_ai.client.token.usage").getHistogramData().getPoints().stream()
            .peek(point -> assertThat(point.getAttributes().get(MODEL)).isEqualTo("large"))
            .collect(
                Collectors.toMap(
                    point -> String.valueOf(point.getAttributes().get(TYPE)),
                    HistogramPointData::getSum));
    assertThat(tokens).isEqualTo(Map.of("input", 100.0, "output", 10.0));
    MetricData duration = seen.get("gen_ai.client.operation.duration");
    assertThat(duration.getUnit()).isEqualTo("s");
    assertThat(duration.getHistogramData().getPoints())
        .singleElement()
        .satisfies(
            point -> {
              assertThat(point.getSum()).isEqualTo(1.5);
              assertThat(point.getBoundaries()).contains(0.01, 81.92);
            });
  }

  @Test
  void aFailureCountsWithItsKindAndHasNoTokens() {
    metrics.called(call(Usage.NONE, "RateLimitException"));
    assertThat(seen()).containsOnlyKeys("gen_ai.client.operation.duration");
    assertThat(seen().get("gen_ai.client.operation.duration").getHistogramData().getPoints())
        .allSatisfy(
            point -> assertThat(point.getAttributes().get(ERROR)).isEqualTo("RateLimitException"));
  }
}
