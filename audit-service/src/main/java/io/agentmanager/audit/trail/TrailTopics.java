package io.agentmanager.audit.trail;

import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.journal.EventTopics;
import io.agentmanager.journal.Topics;
import io.agentmanager.journal.WantedTopics;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.TopicBuilder;

/** The topics of the trail's entries, and of its heads, which are kept for ever. */
@Configuration(proxyBeanMethods = false)
public class TrailTopics {
  private static final String FOR_EVER = "-1";

  @Bean
  WantedTopics wantedTrailTopics(Topics topics) {
    NewTopic heads =
        TopicBuilder.name(topics.prefix() + TrailEvent.HEADS_TOPIC)
            .partitions(1)
            .replicas(topics.replicas())
            .config(TopicConfig.RETENTION_MS_CONFIG, FOR_EVER)
            .config(TopicConfig.RETENTION_BYTES_CONFIG, FOR_EVER)
            .config(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE)
            .build();
    return new WantedTopics(
        Stream.concat(
                EventTopics.withDeadLetters(topics.prefix() + TrailEvent.TOPIC, topics),
                Stream.of(heads))
            .toList());
  }
}
