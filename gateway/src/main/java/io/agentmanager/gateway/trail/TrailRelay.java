package io.agentmanager.gateway.trail;

import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.journal.BackgroundLoop;
import io.agentmanager.journal.Bell;
import io.agentmanager.journal.Topics;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.stereotype.Component;

/**
 * Carries entries to Kafka: taken by one replica for a while, removed when the broker has them. A
 * crash between repeats them, which their keeper notices.
 */
@Component
class TrailRelay extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(TrailRelay.class);
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration TAKEN = Duration.ofSeconds(30);
  private static final URI SOURCE = URI.create("/agentmanager/gateway");
  private static final int BATCH = 500;
  private final TrailOutbox outbox;
  private final TrailRecorder recorder;
  private final KafkaOperations<String, byte[]> kafka;
  private final Bell bell;
  private final InstantSource clock;
  private final String topic;

  TrailRelay(
      TrailOutbox outbox,
      TrailRecorder recorder,
      KafkaOperations<String, byte[]> kafka,
      Bell trailBell,
      InstantSource clock,
      Topics topics) {
    super("trail-relay");
    this.outbox = outbox;
    this.recorder = recorder;
    this.kafka = kafka;
    this.bell = trailBell;
    this.clock = clock;
    this.topic = topics.prefix() + TrailEvent.TOPIC;
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      if (!carry()) {
        bell.await(LOOK);
      }
    }
  }

  /** Whether there may be more. */
  private boolean carry() throws InterruptedException {
    try {
      recorder.writeKept();
      Instant now = clock.instant();
      List<TrailOutbox.Waiting> taken = outbox.take(now, now.plus(TAKEN), BATCH);
      if (!taken.isEmpty()) {
        send(taken);
        outbox.remove(taken);
      }
      return taken.size() == BATCH;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (isRunning()) {
        log.warn("entries of the trail wait: {}", e.toString());
      }
      Thread.sleep(LOOK);
      return false;
    }
  }

  private void send(List<TrailOutbox.Waiting> taken) throws Exception {
    CompletableFuture<?>[] sent =
        taken.stream()
            .map(waiting -> kafka.send(record(waiting)))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(sent).get(TAKEN.toSeconds() / 2, TimeUnit.SECONDS);
  }

  private ProducerRecord<String, byte[]> record(TrailOutbox.Waiting waiting) {
    CloudEvent cloudEvent =
        CloudEventBuilder.v1()
            .withId(Long.toString(waiting.id()))
            .withSource(SOURCE)
            .withType(TrailEvent.TYPE_NAME)
            .withSubject(waiting.tenant())
            .withTime(clock.instant().atOffset(ZoneOffset.UTC))
            .withExtension("tenantid", waiting.tenant())
            .withDataContentType("application/json")
            .withData(waiting.entry().getBytes(StandardCharsets.UTF_8))
            .build();
    return KafkaMessageFactory.<String>createWriter(topic, waiting.tenant())
        .writeBinary(cloudEvent);
  }
}
