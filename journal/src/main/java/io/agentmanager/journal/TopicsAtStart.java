package io.agentmanager.journal;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaAdmin;

/**
 * Makes the topics, or sees that a job made them, once, beside the start of the service: that does
 * not wait for a broker, and one that was away at the start has them when it is back.
 */
final class TopicsAtStart implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(TopicsAtStart.class);
  private final KafkaAdmin admin;
  private final Topics settings;
  private final List<NewTopic> wanted;
  private boolean done;

  TopicsAtStart(KafkaAdmin admin, Topics settings, List<WantedTopics> wanted) {
    this.admin = admin;
    this.settings = settings;
    this.wanted = wanted.stream().flatMap(some -> some.topics().stream()).toList();
    admin.setModifyTopicConfigs(true);
    admin.setAutoCreate(false);
  }

  @Override
  public void run() {
    if (done) {
      return;
    }
    if (settings.create()) {
      admin.createOrModifyTopics(wanted.toArray(NewTopic[]::new));
    } else {
      check();
    }
    done = true;
  }

  /** Fewer partitions or copies than are written down is told, and works all the same. */
  private void check() {
    Map<String, TopicDescription> found = describe();
    for (NewTopic topic : wanted) {
      TopicDescription there = found.get(topic.name());
      if (there == null) {
        throw new IllegalStateException(topic.name() + " is missing; run the job: topics");
      }
      int copies = there.partitions().getFirst().replicas().size();
      if (there.partitions().size() < topic.numPartitions() || copies < topic.replicationFactor()) {
        log.warn(
            "topic {} has {} partitions and {} copies, and {} and {} are written down",
            topic.name(),
            there.partitions().size(),
            copies,
            topic.numPartitions(),
            topic.replicationFactor());
      }
    }
  }

  private Map<String, TopicDescription> describe() {
    try {
      return admin.describeTopics(wanted.stream().map(NewTopic::name).toArray(String[]::new));
    } catch (KafkaException e) {
      if (NestedExceptionUtils.getMostSpecificCause(e)
          instanceof UnknownTopicOrPartitionException) {
        throw new IllegalStateException("a topic is missing; run the job: topics", e);
      }
      throw e;
    }
  }
}
