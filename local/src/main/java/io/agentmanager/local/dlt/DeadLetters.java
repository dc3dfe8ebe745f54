package io.agentmanager.local.dlt;

import io.agentmanager.journal.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The dead-letter topics of an installation. They are only appended to; which letters were replayed
 * stands in a compacted topic beside them.
 */
final class DeadLetters implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration LONGEST_READ = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final String REPLAYED = "dead-letters-replayed";
  private static final String REPLAY_OF = "agentmanager-replay-of";
  private final Map<String, Object> connection;
  private final String prefix;
  private final Admin admin;

  /**
   * Connects to a broker.
   *
   * @param properties of Kafka's clients, such as who calls
   */
  DeadLetters(String bootstrapServers, String prefix, Map<String, String> properties) {
    Map<String, Object> all = new HashMap<>();
    all.put("request.timeout.ms", (int) ANSWER.toMillis());
    all.put("default.api.timeout.ms", (int) ANSWER.toMillis());
    all.putAll(properties);
    all.put("bootstrap.servers", bootstrapServers);
    this.connection = Map.copyOf(all);
    this.prefix = prefix;
    this.admin = Admin.create(connection);
  }

  @Override
  public void close() {
    admin.close(ANSWER);
  }

  /**
   * Every letter, the oldest first.
   *
   * @throws IllegalStateException when the broker does not answer
   */
  List<DeadLetter> all() throws InterruptedException {
    Set<String> replayed = new HashSet<>();
    read(Set.of(prefix + REPLAYED)).forEach(record -> replayed.add(record.key()));
    Set<String> topics = new HashSet<>(topics());
    topics.removeIf(name -> !name.startsWith(prefix) || !name.endsWith(Topics.DEAD_LETTERS));
    List<DeadLetter> letters = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : read(topics)) {
      String origin =
          record.topic().substring(0, record.topic().length() - Topics.DEAD_LETTERS.length());
      String id =
          origin.substring(prefix.length()) + "/" + record.partition() + "/" + record.offset();
      letters.add(new DeadLetter(id, origin, replayed.contains(id), record));
    }
    letters.sort(Comparator.comparing(DeadLetter::at));
    return letters;
  }

  /**
   * Sends letters to where they came from, as they were, and notes that they were sent. Every group
   * of that topic gets them again, which changes nothing for those that handled them.
   */
  void replay(List<DeadLetter> letters) throws InterruptedException {
    makeReplayedTopic();
    try (KafkaProducer<String, byte[]> producer = producer()) {
      for (DeadLetter letter : letters) {
        ProducerRecord<String, byte[]> again =
            new ProducerRecord<>(letter.topic(), letter.dead().key(), letter.dead().value());
        for (Header header : letter.dead().headers()) {
          if (!header.key().startsWith(DeadLetter.HEADERS)) {
            again.headers().add(header);
          }
        }
        again.headers().add(REPLAY_OF, letter.id().getBytes(StandardCharsets.UTF_8));
        answer(producer.send(again));
        byte[] now = Instant.now().toString().getBytes(StandardCharsets.UTF_8);
        answer(producer.send(new ProducerRecord<>(prefix + REPLAYED, letter.id(), now)));
      }
    }
  }

  private List<ConsumerRecord<String, byte[]>> read(Set<String> topics)
      throws InterruptedException {
    Set<String> known = new HashSet<>(topics());
    known.retainAll(topics);
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(connection, new StringDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          known.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Instant giveUp = Instant.now().plus(LONGEST_READ);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        if (Instant.now().isAfter(giveUp)) {
          throw new IllegalStateException("Kafka does not answer.");
        }
        consumer.poll(POLL).forEach(records::add);
      }
    }
    return records;
  }

  private Set<String> topics() throws InterruptedException {
    return answer(admin.listTopics().names());
  }

  private void makeReplayedTopic() throws InterruptedException {
    NewTopic topic =
        new NewTopic(prefix + REPLAYED, java.util.Optional.of(1), java.util.Optional.empty())
            .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
    try {
      admin.createTopics(List.of(topic)).all().get(ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException(e.getCause());
      }
    } catch (TimeoutException e) {
      throw new IllegalStateException("Kafka does not answer.", e);
    }
  }

  private KafkaProducer<String, byte[]> producer() {
    Map<String, Object> settings = new java.util.HashMap<>(connection);
    settings.put("acks", "all");
    settings.put("delivery.timeout.ms", 2 * (int) ANSWER.toMillis());
    settings.put("max.block.ms", ANSWER.toMillis());
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  private static <T> T answer(java.util.concurrent.Future<T> future) throws InterruptedException {
    try {
      return future.get(2 * ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka refused: " + e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("Kafka does not answer.", e);
    }
  }

  private static <T> T answer(org.apache.kafka.common.KafkaFuture<T> future)
      throws InterruptedException {
    return answer(future.toCompletionStage().toCompletableFuture());
  }
}
