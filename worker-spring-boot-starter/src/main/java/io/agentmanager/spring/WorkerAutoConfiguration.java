package io.agentmanager.spring;

import io.agentmanager.tracing.OpenTelemetrySpans;
import io.agentmanager.tracing.Spans;
import io.agentmanager.worker.StepHandler;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerListener;
import io.agentmanager.worker.metrics.MicrometerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Begins a worker whose capabilities are those of the beans with {@link StepCapability}. Its
 * metrics go to the application's meters, and its spans to the application's OpenTelemetry, where
 * it has them.
 */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration"
    })
@ConditionalOnProperty(name = "agentmanager.worker.enabled", matchIfMissing = true)
@EnableConfigurationProperties(WorkerProperties.class)
public class WorkerAutoConfiguration {
  @Bean
  WorkerLifecycle agentManagerWorker(
      ConfigurableListableBeanFactory beans,
      WorkerProperties properties,
      ObjectProvider<WorkerListener> listeners,
      ObjectProvider<Spans> spans,
      ObjectProvider<WorkerCustomizer> customizers) {
    return new WorkerLifecycle(
        () -> {
          Map<String, StepHandler> handlers = StepHandlers.of(beans);
          if (handlers.isEmpty()) {
            throw new IllegalStateException(
                "no bean has @StepCapability: annotate one, or set"
                    + " agentmanager.worker.enabled=false");
          }
          Worker.Builder worker = Worker.builder(properties.config(List.copyOf(handlers.keySet())));
          handlers.forEach(worker::handler);
          listeners.orderedStream().forEach(worker::listener);
          spans.ifAvailable(worker::spans);
          customizers.orderedStream().forEach(customizer -> customizer.customize(worker));
          return worker.start();
        });
  }

  /** Where the application measures. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterRegistry.class)
  static class Metrics {
    @Bean
    @ConditionalOnBean(MeterRegistry.class)
    MicrometerMetrics agentManagerWorkerMetrics(MeterRegistry registry) {
      return new MicrometerMetrics(registry);
    }
  }

  /** Where the application traces. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(OpenTelemetry.class)
  static class Tracing {
    @Bean
    @ConditionalOnBean(OpenTelemetry.class)
    Spans agentManagerWorkerSpans(OpenTelemetry telemetry) {
      return new OpenTelemetrySpans(telemetry);
    }
  }
}
