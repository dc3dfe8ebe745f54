package io.agentmanager.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Begins spans and runs work within them. Whatever begins the work of a thread has one of these;
 * what it calls asks for {@link #current()}, so that a library in between needs no wiring, and
 * several services in one process keep their spans apart. Without an SDK nothing is recorded, and a
 * caller's trace travels on unchanged.
 */
public final class Traces {
  private static final ContextKey<Traces> KEY = ContextKey.named("agentmanager-traces");
  private static final Traces NONE = new Traces(OpenTelemetry.noop());
  private final Tracer tracer;

  /** Spans go where that SDK sends them. */
  public Traces(OpenTelemetry telemetry) {
    this.tracer = telemetry.getTracer("io.agentmanager");
  }

  /** Records nothing. */
  public static Traces none() {
    return NONE;
  }

  /** Those of the span that this thread works in; where there is none, nothing is recorded. */
  public static Traces current() {
    return Objects.requireNonNullElse(Context.current().get(KEY), NONE);
  }

  /** Work within a span. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object, E extends Exception> {
    /** Does it. */
    T run(Span span) throws E;
  }

  /**
   * Runs work in a span below the one that this thread works in.
   *
   * @param name of few values: what is particular goes into the attributes
   * @throws E what the work throws; the span says so
   */
  public <T extends @Nullable Object, E extends Exception> T within(
      String name, SpanKind kind, Attributes attributes, Work<T, E> work) throws E {
    return within(builder(name, kind, attributes), Context.current(), work);
  }

  /**
   * Runs work in a span below a place in a trace that came from elsewhere.
   *
   * @param parent {@code traceparent}; without one the span begins a trace
   * @throws E what the work throws; the span says so
   */
  public <T extends @Nullable Object, E extends Exception> T below(
      @Nullable String parent, String name, SpanKind kind, Attributes attributes, Work<T, E> work)
      throws E {
    return within(builder(name, kind, attributes), TraceParent.context(parent), work);
  }

  /**
   * Runs work that serves several spans at once: where they are of one trace, below the first and
   * with links to the others; else in a trace of its own that links to each.
   *
   * @param parents those that are known; where none is, there is no span
   * @throws E what the work throws; the span says so
   */
  public <T extends @Nullable Object, E extends Exception> T together(
      List<@Nullable String> parents,
      String name,
      SpanKind kind,
      Attributes attributes,
      Work<T, E> work)
      throws E {
    List<Span> known = TraceParent.spans(parents);
    if (known.isEmpty()) {
      return work.run(Span.getInvalid());
    }
    SpanBuilder builder = builder(name, kind, attributes);
    boolean isOneTrace =
        known.stream().map(span -> span.getSpanContext().getTraceId()).distinct().count() == 1;
    known.stream().skip(isOneTrace ? 1 : 0).forEach(span -> builder.addLink(span.getSpanContext()));
    Context parent = isOneTrace ? Context.root().with(known.getFirst()) : Context.root();
    return within(builder, parent, work);
  }

  /** Begins a span that the caller ends, below a place in a trace that came from elsewhere. */
  public Span begin(@Nullable String parent, String name, SpanKind kind, Attributes attributes) {
    return builder(name, kind, attributes).setParent(TraceParent.context(parent)).startSpan();
  }

  /**
   * Says that what a span stands for failed.
   *
   * @param type of few values, as OpenTelemetry's {@code error.type}: never what was said
   */
  public static void failed(Span span, String type) {
    span.setStatus(StatusCode.ERROR).setAttribute("error.type", type);
  }

  private SpanBuilder builder(String name, SpanKind kind, Attributes attributes) {
    return tracer.spanBuilder(name).setSpanKind(kind).setAllAttributes(attributes);
  }

  private <T extends @Nullable Object, E extends Exception> T within(
      SpanBuilder builder, Context parent, Work<T, E> work) throws E {
    Span span = builder.setParent(parent).startSpan();
    try (Scope scope = parent.with(span).with(KEY, this).makeCurrent()) {
      return work.run(span);
    } catch (Throwable e) {
      // What the exception says may be of a tenant; its type is not.
      failed(span, e.getClass().getName());
      throw e;
    } finally {
      span.end();
    }
  }
}
