package io.agentmanager.worker.metrics;

import io.agentmanager.worker.WorkerListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A worker's metrics with Micrometer: {@code agentmanager.worker.steps} (a timer by {@code
 * capability} and {@code status}), {@code agentmanager.worker.running}, {@code
 * agentmanager.worker.results.refused} and {@code agentmanager.worker.gateway.failures}. Calls of
 * models are measured by {@link io.agentmanager.models.ModelMeters}.
 */
public final class MicrometerMetrics implements WorkerListener {
  private final MeterRegistry registry;
  private final AtomicInteger running;
  private final Counter refused;
  private final Counter gatewayFailures;

  /** Measures into a registry. */
  public MicrometerMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.running = registry.gauge("agentmanager.worker.running", new AtomicInteger());
    this.refused =
        Counter.builder("agentmanager.worker.results.refused")
            .description("Results that the server refused")
            .register(registry);
    this.gatewayFailures =
        Counter.builder("agentmanager.worker.gateway.failures")
            .description("Calls that the gateway did not answer or could not serve")
            .register(registry);
  }

  @Override
  public void began(String capability) {
    running.incrementAndGet();
  }

  @Override
  public void ended(String capability, String status, Duration took) {
    running.decrementAndGet();
    Timer.builder("agentmanager.worker.steps")
        .description("How long attempts took")
        .tag("capability", capability)
        .tag("status", status)
        .register(registry)
        .record(took);
  }

  @Override
  public void refused() {
    refused.increment();
  }

  @Override
  public void gatewayFailed() {
    gatewayFailures.increment();
  }
}
