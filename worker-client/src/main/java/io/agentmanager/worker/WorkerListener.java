package io.agentmanager.worker;

import java.time.Duration;

/**
 * Is told what a worker does, for metrics. Every method returns at once and throws nothing. {@link
 * io.agentmanager.worker.metrics.MicrometerMetrics} and {@link
 * io.agentmanager.worker.metrics.OpenTelemetryMetrics} are ready to use.
 */
public interface WorkerListener {
  /** Nobody listens. */
  WorkerListener NONE = new WorkerListener() {};

  /** An attempt has begun. */
  default void began(String capability) {}

  /**
   * An attempt has ended.
   *
   * @param status {@code completed}, {@code failed}, {@code awaiting_approval}, or {@code stopped}
   *     where the attempt was lost, cancelled or given back
   */
  default void ended(String capability, String status, Duration took) {}

  /** The server refused a result: the attempt was lost, say. */
  default void refused() {}

  /** The gateway did not answer, or could not serve. */
  default void gatewayFailed() {}

  /** Both are told, this one first. */
  default WorkerListener and(WorkerListener other) {
    WorkerListener self = this;
    return new WorkerListener() {
      @Override
      public void began(String capability) {
        self.began(capability);
        other.began(capability);
      }

      @Override
      public void ended(String capability, String status, Duration took) {
        self.ended(capability, status, took);
        other.ended(capability, status, took);
      }

      @Override
      public void refused() {
        self.refused();
        other.refused();
      }

      @Override
      public void gatewayFailed() {
        self.gatewayFailed();
        other.gatewayFailed();
      }
    };
  }
}
