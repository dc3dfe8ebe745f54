package io.agentmanager.tracing;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What a library says of its work as spans, without OpenTelemetry in its signatures: where that is
 * not on the class path, the work runs all the same and nothing is recorded. Values of attributes
 * are texts, whole numbers, numbers or truth values.
 */
public interface Spans {
  /** Whose side of a call a span stands for. */
  enum Kind {
    /** Work within this process. */
    INTERNAL,
    /** The asking side of a call. */
    CLIENT
  }

  /** A span while its work runs. */
  interface Open {
    /** Says more of it. */
    void set(String attribute, Object value);

    /**
     * Says that what it stands for failed.
     *
     * @param type of few values, as OpenTelemetry's {@code error.type}: never what was said
     */
    void failed(String type);
  }

  /** Work within a span. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object, E extends Exception> {
    /** Does it. */
    T run(Open span) throws E;
  }

  /** Runs work in a span below the one that this thread works in. */
  <T extends @Nullable Object, E extends Exception> T within(
      String name, Kind kind, Map<String, ?> attributes, Work<T, E> work) throws E;

  /** Runs work in a span below a place in a trace that came from elsewhere. */
  <T extends @Nullable Object, E extends Exception> T below(
      @Nullable String parent, String name, Kind kind, Map<String, ?> attributes, Work<T, E> work)
      throws E;

  /** Runs work that serves several spans at once; where none is known, there is no span. */
  <T extends @Nullable Object, E extends Exception> T together(
      List<@Nullable String> parents,
      String name,
      Kind kind,
      Map<String, ?> attributes,
      Work<T, E> work)
      throws E;

  /** The same work for another thread, below the span that this thread works in. */
  <T extends @Nullable Object> Callable<T> carried(Callable<T> work);

  /** Records nothing. */
  static Spans none() {
    return NoSpans.INSTANCE;
  }

  /** Those of the span that this thread works in; where there is none, nothing is recorded. */
  static Spans current() {
    return isAvailable() ? OpenTelemetrySpans.ofThread() : none();
  }

  /** Those of the process's own OpenTelemetry, where it has one. */
  static Spans global() {
    return isAvailable() ? OpenTelemetrySpans.ofProcess() : none();
  }

  /** Whether OpenTelemetry's API is on the class path. */
  static boolean isAvailable() {
    return NoSpans.HAS_OPENTELEMETRY;
  }

  /** The {@code traceparent} of the span that this thread works in; null when it has none. */
  static @Nullable String place() {
    return isAvailable() ? OpenTelemetrySpans.placeOfThread() : null;
  }
}
