package io.agentmanager.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TracesTest {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String OTHER = "00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01";

  @RegisterExtension
  private static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

  private final Traces traces = new Traces(TELEMETRY.getOpenTelemetry());

  private static @Nullable String now() {
    return TraceParent.of(Context.current());
  }

  @Test
  void workBelowAParentIsInItsTraceAndWhatItCallsFindsTheWay() {
    traces.below(
        PARENT,
        "outer",
        SpanKind.CONSUMER,
        Attributes.empty(),
        outer ->
            Traces.current().within("inner", SpanKind.CLIENT, Attributes.empty(), inner -> now()));
    SpanData inner = TELEMETRY.getSpans().getFirst();
    SpanData outer = TELEMETRY.getSpans().getLast();
    assertThat(outer.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(outer.getParentSpanId()).isEqualTo("b7ad6b7169203331");
    assertThat(inner.getParentSpanId()).isEqualTo(outer.getSpanId());
  }

  @Test
  void workForSeveralTracesLinksToEachAndWorkForOneIsWithinIt() {
    traces.together(
        List.of(PARENT, OTHER), "both", SpanKind.CONSUMER, Attributes.empty(), span -> null);
    traces.together(
        Arrays.asList(PARENT, null), "one", SpanKind.CONSUMER, Attributes.empty(), span -> null);
    traces.together(
        Arrays.asList(null, "no trace"), "none", SpanKind.CONSUMER, Attributes.empty(), s -> null);
    List<SpanData> spans = TELEMETRY.getSpans();
    assertThat(spans).extracting(SpanData::getName).containsExactly("both", "one");
    assertThat(spans.getFirst().getLinks())
        .extracting(link -> link.getSpanContext().getTraceId())
        .containsExactly("0af7651916cd43dd8448eb211c80319c", "1af7651916cd43dd8448eb211c80319c");
    assertThat(spans.getLast().getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
  }

  @Test
  void whatFailsSaysSoByItsTypeAlone() {
    assertThatThrownBy(
            () ->
                traces.below(
                    PARENT,
                    "fails",
                    SpanKind.INTERNAL,
                    Attributes.empty(),
                    span -> {
                      throw new IllegalStateException("a secret");
                    }))
        .hasMessage("a secret");
    assertThat(TELEMETRY.getSpans().getFirst().toString())
        .contains("IllegalStateException")
        .doesNotContain("a secret");
  }

  @Test
  void withoutAnSdkTheCallersTraceTravelsOnUnchanged() {
    String seen =
        Traces.none().below(PARENT, "x", SpanKind.INTERNAL, Attributes.empty(), span -> now());
    assertThat(seen).isEqualTo(PARENT);
  }

  @Test
  void whatCallersSendIsTakenOnlyIfItIsAPlaceInATrace() {
    assertThat(TraceParent.valid(PARENT)).isEqualTo(PARENT);
    for (String bad : new String[] {"", "x", PARENT + "\n", PARENT.replace('0', 'g'), "00-0-0-0"}) {
      assertThat(TraceParent.valid(bad)).as(bad).isNull();
    }
    assertThat(TraceParent.valid(null)).isNull();
    String later = PARENT.replaceFirst("00", "cc") + "-what-a-later-version-adds".repeat(100);
    assertThat(TraceParent.valid(later)).isEqualTo(PARENT);
  }
}
