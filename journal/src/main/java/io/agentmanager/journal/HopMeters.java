package io.agentmanager.journal;

import io.agentmanager.contracts.event.EventKind;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.header.Header;
import org.springframework.kafka.listener.BatchInterceptor;

/**
 * Measures hops: from when a service committed what happened to when this one had handled it, by
 * the clocks of both. Records that come again after a failure count once, when they are handled.
 */
final class HopMeters implements BatchInterceptor<Object, Object> {
  /** CloudEvents' attribute {@code time} in its Kafka binding. */
  private static final String TIME = "ce_time";

  /** An operator sent it once more, with the time that it had. */
  private static final String REPLAY_OF = "agentmanager-replay-of";

  private final Map<String, Timer> hops = new ConcurrentHashMap<>();
  private final MeterRegistry registry;
  private final InstantSource clock;

  HopMeters(Topics topics, MeterRegistry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
    for (EventKind kind : EventKind.values()) {
      hops.put(topics.of(kind), timer(kind.topic()));
    }
  }

  @Override
  public ConsumerRecords<Object, Object> intercept(
      ConsumerRecords<Object, Object> records, Consumer<Object, Object> consumer) {
    return records;
  }

  @Override
  public void success(ConsumerRecords<Object, Object> records, Consumer<Object, Object> consumer) {
    for (ConsumerRecord<Object, Object> record : records) {
      Timer hop = hops.get(record.topic());
      Header time = record.headers().lastHeader(TIME);
      boolean isNew = record.headers().lastHeader(REPLAY_OF) == null;
      if (hop != null && isNew && time != null && time.value() != null) {
        measure(hop, new String(time.value(), StandardCharsets.US_ASCII));
      }
    }
  }

  private void measure(Timer hop, String time) {
    try {
      Duration took = Duration.between(OffsetDateTime.parse(time).toInstant(), clock.instant());
      hop.record(took.isNegative() ? Duration.ZERO : took);
    } catch (DateTimeParseException e) {
      // Whoever reads the event judges it; there is nothing to measure.
    }
  }

  private Timer timer(String topic) {
    return Timer.builder("agentmanager.hop")
        .description("From when something was committed to when this service had handled it")
        .tag("topic", topic)
        .serviceLevelObjectives(
            Duration.ofMillis(5),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1))
        .register(registry);
  }
}
