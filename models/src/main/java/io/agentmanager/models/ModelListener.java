package io.agentmanager.models;

import io.agentmanager.contracts.api.Usage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Is told of each call of a model when it has ended, on the thread that made it. */
@FunctionalInterface
public interface ModelListener {
  /** Whoever is told does nothing about it. */
  ModelListener NONE = call -> {};

  /**
   * A call that ended.
   *
   * @param provider by OpenTelemetry's names, such as {@code openai}
   * @param usage nothing where it failed
   * @param error the simple name of what was thrown; null when the model answered
   */
  record ModelCall(
      String provider, String model, Usage usage, Duration took, @Nullable String error) {}

  /** Both are told, this one first. */
  default ModelListener and(ModelListener other) {
    return call -> {
      called(call);
      other.called(call);
    };
  }

  /** A call has ended. */
  void called(ModelCall call);
}
