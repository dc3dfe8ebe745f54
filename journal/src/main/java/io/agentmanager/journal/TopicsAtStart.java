package io.agentmanager.journal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaAdmin;

/**
 * Makes the topics, or sees that a job made them, once, beside the start of the service: that does
 * not wait for a broker, and one that was away at the start has them when it is back.
 */
final class TopicsAtStart implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(TopicsAtStart.class);
  private static final int PATIENCE_MS = 30_000;
  private final KafkaAdmin admin;
  private final Topics settings;
  private final List<WantedTopics> wanted;
  private boolean done;

  TopicsAtStart(KafkaAdmin admin, Topics settings, List<WantedTopics> wanted) {
    this.admin = admin;
    this.settings = settings;
    this.wanted = List.copyOf(wanted);
    admin.setModifyTopicConfigs(true);
    admin.setAutoCreate(false);
  }

  /**
   * Looks, or makes them; tried again after a failure.
   *
   * @throws IllegalStateException when a topic is missing that a job has to make
   */
  @Override
  public void run() {
    if (done) {
      return;
    }
    if (settings.create()) {
      admin.createOrModifyTopics(
          wanted.stream().flatMap(some -> some.topics().stream()).toArray(NewTopic[]::new));
    } else {
      check();
    }
    done = true;
  }

  /** What differs from what is written down is told, and works all the same. */
  private void check() {
    TopicDifferences differences = find();
    if (!differences.missing().isEmpty()) {
      throw new IllegalStateException(
          "topics are missing: " + differences.missing() + "; run the job: topics");
    }
    differences.others().forEach(log::warn);
  }

  private TopicDifferences find() {
    Map<String, Object> configuration = new HashMap<>(admin.getConfigurationProperties());
    configuration.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
    try (Admin broker = Admin.create(configuration)) {
      return TopicDifferences.find(broker, wanted);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the topics cannot be looked at: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
