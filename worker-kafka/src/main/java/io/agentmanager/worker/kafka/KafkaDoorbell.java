package io.agentmanager.worker.kafka;

import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.Doorbell;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Hears of ready steps from Kafka, by a share group for each capability (KIP-932): each record goes
 * to one of the workers that listen for that capability, and to another when that one dies.
 *
 * <p>One record is fetched at a time, and only when the worker has a free slot. A record is
 * acknowledged once the server has decided who holds the step; whether this worker got it makes no
 * difference. While the server does not answer, the record's lock is renewed (KIP-1222; the
 * consumer then returns the record again) and after a while it is released to the others. Records
 * of other capabilities are acknowledged and skipped.
 */
final class KafkaDoorbell implements Doorbell {
  private static final Logger log = LoggerFactory.getLogger(KafkaDoorbell.class);
  private static final String GROUP = "agentmanager-workers-";
  private static final Duration POLL = Duration.ofSeconds(2);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration OTHERS_FIRST = Duration.ofSeconds(5);
  private static final int MOST_RENEWALS = 20;
  private final Map<String, Object> connection;
  private final String topic;

  KafkaDoorbell(Map<String, Object> connection, String topicPrefix) {
    this.connection = Map.copyOf(connection);
    this.topic = topicPrefix + EventKind.READY.topic();
  }

  @Override
  public void listen(Set<String> capabilities, Slots slots) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (String capability : capabilities) {
      threads.add(
          Thread.ofVirtual()
              .name("doorbell-" + capability)
              .start(() -> listenUntilInterrupted(capability, slots)));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } finally {
      threads.forEach(Thread::interrupt);
    }
  }

  private void listenUntilInterrupted(String capability, Slots slots) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        listenOnce(capability, slots);
      } catch (InterruptedException | InterruptException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        log.warn("the doorbell for {} is mute: {}", capability, e.toString());
        pause();
      }
    }
  }

  private void listenOnce(String capability, Slots slots) throws InterruptedException {
    KafkaShareConsumer<String, byte[]> consumer = consumer(capability);
    try {
      consumer.subscribe(List.of(topic));
      new Ear(capability, consumer, slots).listen();
    } finally {
      close(consumer);
    }
  }

  private KafkaShareConsumer<String, byte[]> consumer(String capability) {
    Map<String, Object> settings = new HashMap<>(connection);
    settings.put("group.id", GROUP + capability);
    settings.put("share.acknowledgement.mode", "explicit");
    settings.put("share.acquire.mode", "record_limit");
    settings.put("max.poll.records", 1);
    return new KafkaShareConsumer<>(
        settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static void close(KafkaShareConsumer<String, byte[]> consumer) {
    boolean interrupted = Thread.interrupted();
    try {
      consumer.close(CLOSE);
    } catch (KafkaException e) {
      log.info("a doorbell was not closed cleanly: {}", e.toString());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The record as an event; empty when it is none that this version knows. */
  static Optional<StepReady> event(ConsumerRecord<String, byte[]> record) {
    Header type = record.headers().lastHeader("ce_type");
    boolean ready =
        record.value() != null
            && type != null
            && EventKind.READY.typeName().equals(new String(type.value(), StandardCharsets.UTF_8));
    try {
      return ready
          ? Optional.ofNullable(WireJson.mapper().readValue(record.value(), StepReady.class))
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** One capability's consumer while it listens. */
  private final class Ear {
    private final String capability;
    private final KafkaShareConsumer<String, byte[]> consumer;
    private final Slots slots;
    private int renewals;
    private Duration rest = Duration.ZERO;

    Ear(String capability, KafkaShareConsumer<String, byte[]> consumer, Slots slots) {
      this.capability = capability;
      this.consumer = consumer;
      this.slots = slots;
    }

    void listen() throws InterruptedException {
      while (!Thread.currentThread().isInterrupted()) {
        slots.awaitFree();
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          consumer.acknowledge(record, answer(record));
        }
        consumer.commitSync().forEach(this::noteFailure);
        Thread.sleep(rest);
        rest = Duration.ZERO;
      }
    }

    /** An acknowledgement that fails brings the record again: to this worker, or another. */
    private void noteFailure(TopicIdPartition partition, Optional<KafkaException> failure) {
      failure.ifPresent(f -> log.info("{} was not acknowledged: {}", partition, f.toString()));
    }

    private AcknowledgeType answer(ConsumerRecord<String, byte[]> record)
        throws InterruptedException {
      Optional<StepReady> ready = event(record).filter(r -> capability.equals(r.capability()));
      if (ready.isEmpty()) {
        return AcknowledgeType.ACCEPT;
      }
      return switch (slots.claim(ready.get().workflowId().value(), ready.get().stepId().value())) {
        case TAKEN, NOT_TO_BE_HAD -> settled(AcknowledgeType.ACCEPT);
        case NO_ROOM -> settled(AcknowledgeType.RELEASE);
        case TRY_AGAIN -> renewals < MOST_RENEWALS ? renewed() : released();
      };
    }

    private AcknowledgeType renewed() {
      renewals++;
      rest = PAUSE;
      return AcknowledgeType.RENEW;
    }

    /** Rests, so that another worker gets the record rather than this one again. */
    private AcknowledgeType released() {
      rest = OTHERS_FIRST;
      return settled(AcknowledgeType.RELEASE);
    }

    private AcknowledgeType settled(AcknowledgeType type) {
      renewals = 0;
      return type;
    }
  }
}
