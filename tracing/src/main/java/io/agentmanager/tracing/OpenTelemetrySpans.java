package io.agentmanager.tracing;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Spans of {@link Traces}. Loaded only where OpenTelemetry is. */
public final class OpenTelemetrySpans implements Spans {
  private final Traces traces;

  /** Spans go where that SDK sends them. */
  public OpenTelemetrySpans(OpenTelemetry telemetry) {
    this(new Traces(telemetry));
  }

  private OpenTelemetrySpans(Traces traces) {
    this.traces = traces;
  }

  static Spans ofThread() {
    return new OpenTelemetrySpans(Traces.current());
  }

  static Spans ofProcess() {
    return new OpenTelemetrySpans(GlobalOpenTelemetry.getOrNoop());
  }

  static @Nullable String placeOfThread() {
    return TraceParent.of(Context.current());
  }

  @Override
  public <T extends @Nullable Object, E extends Exception> T within(
      String name, Kind kind, Map<String, ?> attributes, Work<T, E> work) throws E {
    return traces.<T, E>within(
        name, kind(kind), attributes(attributes), span -> work.run(new OpenSpan(span)));
  }

  @Override
  public <T extends @Nullable Object, E extends Exception> T below(
      @Nullable String parent, String name, Kind kind, Map<String, ?> attributes, Work<T, E> work)
      throws E {
    return traces.<T, E>below(
        parent, name, kind(kind), attributes(attributes), span -> work.run(new OpenSpan(span)));
  }

  @Override
  public <T extends @Nullable Object, E extends Exception> T together(
      List<@Nullable String> parents,
      String name,
      Kind kind,
      Map<String, ?> attributes,
      Work<T, E> work)
      throws E {
    return traces.<T, E>together(
        parents, name, kind(kind), attributes(attributes), span -> work.run(new OpenSpan(span)));
  }

  @Override
  public <T extends @Nullable Object> Callable<T> carried(Callable<T> work) {
    return Context.current().wrap(work);
  }

  private record OpenSpan(Span span) implements Open {
    @Override
    public void set(String attribute, Object value) {
      span.setAllAttributes(attributes(Map.of(attribute, value)));
    }

    @Override
    public void failed(String type) {
      Traces.failed(span, type);
    }
  }

  private static SpanKind kind(Kind kind) {
    return switch (kind) {
      case INTERNAL -> SpanKind.INTERNAL;
      case CLIENT -> SpanKind.CLIENT;
    };
  }

  private static Attributes attributes(Map<String, ?> values) {
    AttributesBuilder attributes = Attributes.builder();
    values.forEach((name, value) -> put(attributes, name, value));
    return attributes.build();
  }

  private static void put(AttributesBuilder attributes, String name, Object value) {
    switch (value) {
      case Integer number -> attributes.put(name, number.longValue());
      case Long number -> attributes.put(name, number);
      case Double number -> attributes.put(name, number);
      case Boolean truth -> attributes.put(name, truth);
      default -> attributes.put(name, value.toString());
    }
  }
}
