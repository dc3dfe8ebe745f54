package io.agentmanager.journal;

import io.agentmanager.tracing.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.ConsumerAwareRecordRecoverer;
import org.springframework.kafka.listener.ConsumerRecordRecoverer;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.ListenerExecutionFailedException;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.ExponentialBackOff;

/** Wires the journal, its relay and the dead letters; a service imports it. */
@Configuration(proxyBeanMethods = false)
@Import(EventTopics.class)
@EnableConfigurationProperties(RetentionSettings.class)
public class JournalConfiguration {
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LONGEST_PAUSE_MS = 5_000;
  private static final int TRIES_OF_A_BAD_RECORD = 4;

  @Bean
  JournalStore journalStore(JdbcTemplate jdbc) {
    return new JournalStore(jdbc);
  }

  @Bean
  WorkflowTraces workflowTraces(JdbcTemplate jdbc) {
    return new WorkflowTraces(jdbc);
  }

  @Bean
  JournalTail journalTail(JournalStore store) {
    return new JournalTail(store);
  }

  @Bean
  EventPublisher eventPublisher(
      KafkaTemplate<String, byte[]> kafka,
      Topics topics,
      @Value("${spring.application.name}") String service,
      Traces traces) {
    return new EventPublisher(kafka, topics, service, traces);
  }

  @Bean
  JournalRelay journalRelay(
      DataSource dataSource,
      EventPublisher publisher,
      KafkaAdmin admin,
      Topics settings,
      List<WantedTopics> topics) {
    return new JournalRelay(dataSource, publisher, new TopicsAtStart(admin, settings, topics));
  }

  @Bean
  JournalMeters journalMeters(
      JournalStore store,
      JournalRelay relay,
      Topics topics,
      MeterRegistry registry,
      InstantSource clock) {
    return new JournalMeters(store, relay, topics, registry, clock);
  }

  @Bean
  HopMeters hopMeters(Topics topics, MeterRegistry registry, InstantSource clock) {
    return new HopMeters(topics, registry, clock);
  }

  @Bean
  OutboxLimit outboxLimit(
      JournalStore store,
      @Value("${agentmanager.outbox.limit:1000000}") long limit,
      InstantSource clock) {
    return new OutboxLimit(store, limit, clock);
  }

  /**
   * A record whose handling fails because something it needs is away is tried until that is back:
   * whatever comes after it would fail alike. Any other failure is tried a few times and then goes
   * to the dead letters with its cause, so that no record blocks its partition for ever.
   */
  @Bean
  CommonErrorHandler deadLetters(KafkaTemplate<String, byte[]> kafka, JournalMeters meters) {
    var recoverer =
        new DeadLetterPublishingRecoverer(
            kafka, (r, e) -> new TopicPartition(r.topic() + Topics.DEAD_LETTERS, -1));
    ConsumerAwareRecordRecoverer withCause =
        (record, consumer, failure) -> {
          recoverer.accept(record, consumer, withoutBatch(failure));
          meters.deadLetter(record.topic());
        };
    var handler = new PatientErrorHandler(withCause, fewTries());
    handler.addNotRetryableExceptions(EventReader.UnreadableEvent.class);
    handler.setBackOffFunction((r, e) -> Outages.isOutage(e) ? untilItIsBack() : null);
    return handler;
  }

  /**
   * Counts the tries of a record whatever happens to others: the next poll may bring none of its
   * partition, and its success says nothing of this one. What is counted is kept by partition.
   */
  private static final class PatientErrorHandler extends DefaultErrorHandler {
    PatientErrorHandler(ConsumerRecordRecoverer recoverer, BackOff pauses) {
      super(recoverer, pauses);
    }

    @Override
    public void clearThreadState() {
      // Replaced by the partition's next failure, and removed when its record is recovered.
    }
  }

  /** Who failed, and why; what names the record within its batch says neither. */
  private static Exception withoutBatch(@Nullable Exception failure) {
    String group = null;
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof ListenerExecutionFailedException listener) {
        group = listener.getGroupId();
      }
      if (t instanceof BatchListenerFailedException && t.getCause() != null) {
        String why = String.valueOf(t.getCause().getMessage());
        return new ListenerExecutionFailedException(why, group, t.getCause());
      }
    }
    return failure == null ? new IllegalStateException("it failed without a cause") : failure;
  }

  private static ExponentialBackOff untilItIsBack() {
    ExponentialBackOff pauses = new ExponentialBackOff(FIRST_PAUSE_MS, 2);
    pauses.setMaxInterval(LONGEST_PAUSE_MS);
    return pauses;
  }

  private static ExponentialBackOff fewTries() {
    ExponentialBackOff pauses = untilItIsBack();
    pauses.setMaxAttempts(TRIES_OF_A_BAD_RECORD);
    return pauses;
  }
}
