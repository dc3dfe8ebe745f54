package io.agentmanager.tracing;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Runs work and records nothing of it. */
enum NoSpans implements Spans, Spans.Open {
  INSTANCE;

  static final boolean HAS_OPENTELEMETRY = isThere("io.opentelemetry.api.OpenTelemetry");

  @Override
  public <T extends @Nullable Object, E extends Exception> T within(
      String name, Kind kind, Map<String, ?> attributes, Work<T, E> work) throws E {
    return work.run(this);
  }

  @Override
  public <T extends @Nullable Object, E extends Exception> T below(
      @Nullable String parent, String name, Kind kind, Map<String, ?> attributes, Work<T, E> work)
      throws E {
    return work.run(this);
  }

  @Override
  public <T extends @Nullable Object, E extends Exception> T together(
      List<@Nullable String> parents,
      String name,
      Kind kind,
      Map<String, ?> attributes,
      Work<T, E> work)
      throws E {
    return work.run(this);
  }

  @Override
  public <T extends @Nullable Object> Callable<T> carried(Callable<T> work) {
    return work;
  }

  @Override
  public void set(String attribute, Object value) {
    // Nobody listens.
  }

  @Override
  public void failed(String type) {
    // Nobody listens.
  }

  private static boolean isThere(String type) {
    try {
      return Class.forName(type, false, NoSpans.class.getClassLoader()) != null;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
