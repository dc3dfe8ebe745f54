package io.agentmanager.journal;

import io.agentmanager.contracts.event.EventKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.TopicBuilder;

/** The topics of the events, and of those that could not be handled. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(Topics.class)
public class EventTopics {
  @Bean
  WantedTopics workflowTopics(Topics topics) {
    return new WantedTopics(
        Arrays.stream(EventKind.values())
            .map(topics::of)
            .flatMap(name -> withDeadLetters(name, topics))
            .toList());
  }

  /** A topic with the retention of events, and its dead letters with theirs. */
  public static Stream<NewTopic> withDeadLetters(String name, Topics topics) {
    return Stream.of(
        topic(name, topics, topics.retention()),
        topic(name + Topics.DEAD_LETTERS, topics, topics.deadLetterRetention()));
  }

  private static NewTopic topic(String name, Topics topics, Duration retention) {
    return TopicBuilder.name(name)
        .partitions(topics.partitions())
        .replicas(topics.replicas())
        .config(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()))
        .build();
  }
}
