package io.agentmanager.journal;

import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.trail.TrailEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far Kafka is behind the journal, and what could not be handled. */
public final class JournalMeters extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(JournalMeters.class);
  private static final Duration LOOK = Duration.ofSeconds(15);
  private static final String DEAD_LETTERS = "agentmanager.dead.letters";
  private final JournalStore store;
  private final Topics topics;
  private final MeterRegistry registry;
  private final InstantSource clock;
  private volatile double lag = Double.NaN;
  private volatile double age = Double.NaN;

  /** Registers at once; looks at the database four times a minute. */
  JournalMeters(
      JournalStore store,
      JournalRelay relay,
      Topics topics,
      MeterRegistry registry,
      InstantSource clock) {
    super("journal-meters");
    this.store = store;
    this.topics = topics;
    this.clock = clock;
    this.registry = registry;
    Gauge.builder("agentmanager.journal.lag", () -> lag)
        .description("Numbers of the journal that Kafka may not have yet")
        .register(registry);
    Gauge.builder("agentmanager.journal.age", () -> age)
        .description("How long the oldest event of the journal has waited for Kafka")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("agentmanager.journal.horizon.age", () -> relay.horizonAge().toMillis() / 1000.0)
        .description("How long a transaction that runs has held back the relay")
        .baseUnit("seconds")
        .register(registry);
    for (EventKind kind : EventKind.values()) {
      Counter unused = deadLetters(topics.of(kind));
    }
    Counter unused = deadLetters(topics.prefix() + TrailEvent.TOPIC);
  }

  /** Counts a record that went to the dead letters. */
  void deadLetter(String topic) {
    deadLetters(topic).increment();
  }

  private Counter deadLetters(String topic) {
    return Counter.builder(DEAD_LETTERS)
        .description("Records that this service could not handle")
        .tag("topic", topic.substring(topics.prefix().length()))
        .register(registry);
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      try {
        lag = store.backlog();
        age = store.oldestWaiting().map(this::secondsSince).orElse(0.0);
      } catch (RuntimeException e) {
        log.warn("the journal's lag is not known: {}", e.toString());
        lag = Double.NaN;
        age = Double.NaN;
      }
      Thread.sleep(LOOK);
    }
  }

  private double secondsSince(Instant then) {
    return Math.max(0, Duration.between(then, clock.instant()).toMillis()) / 1000.0;
  }
}
