package io.agentmanager.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Hears of what happens from now on, by a topic. */
final class Topic implements AutoCloseable {
  private final KafkaConsumer<String, byte[]> consumer;
  private final Thread thread;

  /** Tells a listener of each record, on a thread of its own. */
  Topic(String bootstrapServers, String name, Consumer<ConsumerRecord<String, byte[]>> listener) {
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", "false"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor("agentmanager." + name).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    thread = Thread.ofPlatform().name("topic-" + name).start(() -> run(listener));
  }

  /** From what happened, by the time of its commit, to its record at the broker. */
  static long lagMillis(ConsumerRecord<String, byte[]> record) {
    String at = new String(record.headers().lastHeader("ce_time").value(), StandardCharsets.UTF_8);
    return record.timestamp() - Instant.parse(at).toEpochMilli();
  }

  @Override
  public void close() throws InterruptedException {
    consumer.wakeup();
    thread.join();
  }

  private void run(Consumer<ConsumerRecord<String, byte[]>> listener) {
    try (consumer) {
      while (true) {
        consumer.poll(Duration.ofSeconds(1)).forEach(listener);
      }
    } catch (WakeupException e) {
      // It is over.
    }
  }
}
