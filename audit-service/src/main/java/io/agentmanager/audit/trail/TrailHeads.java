package io.agentmanager.audit.trail;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.journal.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.stereotype.Component;

/**
 * The heads of the chains, published where who administers the database cannot rewrite them: a
 * topic that is kept for ever, each head a signed checkpoint under its tenant's name.
 */
@Component
class TrailHeads {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private final KafkaOperations<String, byte[]> kafka;
  private final ConsumerFactory<String, byte[]> consumers;
  private final Checkpoints checkpoints;
  private final InstantSource clock;
  private final String topic;

  TrailHeads(
      KafkaOperations<String, byte[]> kafka,
      ConsumerFactory<String, byte[]> consumers,
      Checkpoints checkpoints,
      InstantSource clock,
      Topics topics) {
    this.kafka = kafka;
    this.consumers = consumers;
    this.checkpoints = checkpoints;
    this.clock = clock;
    this.topic = topics.prefix() + TrailEvent.HEADS_TOPIC;
  }

  /** Returns when the broker has the head. */
  void publish(TrailStore.Head head)
      throws InterruptedException, ExecutionException, TimeoutException {
    String checkpoint =
        checkpoints.sign(new Checkpoints.Statement(head.tenant(), head.seq(), head.hash()));
    kafka
        .send(topic, head.tenant().value(), checkpoint.getBytes(StandardCharsets.UTF_8))
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Takes what was published, head by head. */
  @FunctionalInterface
  interface HeadReader {
    void take(Checkpoints.Statement head);
  }

  /**
   * Reads every head that was ever published.
   *
   * @param tenant whose; null for those of all
   * @return how many bear no signature of ours
   * @throws org.apache.kafka.common.KafkaException when the broker does not answer
   */
  long read(@Nullable TenantId tenant, HeadReader heads) {
    long unreadable = 0;
    try (Consumer<String, byte[]> consumer = consumers.createConsumer("trail-verify", "")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, PATIENCE).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions, PATIENCE));
      long giveUp = clock.millis() + PATIENCE.toMillis();
      while (!isRead(consumer, ends)) {
        for (ConsumerRecord<String, byte[]> head : consumer.poll(Duration.ofMillis(200))) {
          giveUp = clock.millis() + PATIENCE.toMillis();
          if (tenant == null || tenant.value().equals(head.key())) {
            Optional<Checkpoints.Statement> read =
                checkpoints.read(new String(head.value(), StandardCharsets.UTF_8));
            read.filter(h -> tenant == null || h.tenant().equals(tenant)).ifPresent(heads::take);
            unreadable += read.isPresent() ? 0 : 1;
          }
        }
        if (clock.millis() > giveUp) {
          throw new KafkaException("the heads cannot be read");
        }
      }
    }
    return unreadable;
  }

  private static boolean isRead(Consumer<String, byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), PATIENCE) >= end.getValue());
  }
}
