package io.agentmanager.audit.trail;

import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.journal.Topics;
import java.time.InstantSource;
import org.apache.kafka.common.config.TopicConfig;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.KafkaAdmin;

/** Keys and topics of the trail. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TrailSettings.class)
class TrailConfiguration {
  private static final String FOR_EVER = "-1";

  @Bean
  HashChain hashChain(TrailSettings settings) {
    return new HashChain(settings.ring());
  }

  @Bean
  Checkpoints checkpoints(TrailSettings settings, InstantSource clock) {
    return Checkpoints.parse(settings.signingKey(), clock);
  }

  @Bean
  KafkaAdmin.NewTopics trailTopics(Topics topics) {
    String trail = topics.prefix() + TrailEvent.TOPIC;
    return new KafkaAdmin.NewTopics(
        TopicBuilder.name(trail)
            .partitions(topics.partitions())
            .replicas(topics.replicas())
            .config(TopicConfig.RETENTION_MS_CONFIG, Long.toString(topics.retention().toMillis()))
            .build(),
        TopicBuilder.name(trail + Topics.DEAD_LETTERS)
            .partitions(topics.partitions())
            .replicas(topics.replicas())
            .config(
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(topics.deadLetterRetention().toMillis()))
            .build(),
        TopicBuilder.name(topics.prefix() + TrailEvent.HEADS_TOPIC)
            .partitions(1)
            .replicas(topics.replicas())
            .config(TopicConfig.RETENTION_MS_CONFIG, FOR_EVER)
            .config(TopicConfig.RETENTION_BYTES_CONFIG, FOR_EVER)
            .config(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE)
            .build());
  }
}
