package io.agentmanager.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place in a trace as the text that travels with requests, records and stored workflows: {@code
 * traceparent} of W3C Trace Context (https://www.w3.org/TR/trace-context/). Its companion {@code
 * tracestate} is not kept, which the standard allows.
 */
public final class TraceParent {
  /** The name of the header, in HTTP and in Kafka. */
  public static final String HEADER = "traceparent";

  private static final TextMapGetter<Map<String, String>> GETTER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> carrier) {
          return carrier.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> carrier, String key) {
          return carrier == null ? null : carrier.get(key);
        }
      };

  private TraceParent() {}

  /** The text of the span of a context; null when it has none. */
  public static @Nullable String of(Context context) {
    Map<String, String> carrier = new HashMap<>();
    W3CTraceContextPropagator.getInstance()
        .inject(
            context,
            carrier,
            (to, key, value) -> {
              if (to != null) {
                to.put(key, value);
              }
            });
    return carrier.get(HEADER);
  }

  /** The context that a text names; one without a span when there is no text, or a bad one. */
  public static Context context(@Nullable String text) {
    return text == null
        ? Context.root()
        : W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), Map.of(HEADER, text), GETTER);
  }

  /** What a text says of a place in a trace, in 55 characters; null when it names none. */
  public static @Nullable String valid(@Nullable String text) {
    return of(context(text));
  }

  /** Those of several texts that name one. */
  static List<Span> spans(List<@Nullable String> texts) {
    return texts.stream()
        .map(text -> Span.fromContext(context(text)))
        .filter(span -> span.getSpanContext().isValid())
        .toList();
  }
}
