package io.agentmanager.audit;

import io.agentmanager.audit.trail.TrailTopics;
import io.agentmanager.journal.EventTopics;
import io.agentmanager.journal.WantedTopics;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.kafka.core.KafkaAdmin;

/**
 * The job before a roll-out that makes the topics of the whole system, with the partitions, copies
 * and retention that {@code agentmanager.topics.*} writes down, and ends.
 */
final class TopicsJob {
  private static final String COMMAND = "topics";

  private TopicsJob() {}

  /** Whether the arguments ask for the job instead of the service. */
  static boolean isAskedFor(String... args) {
    return Arrays.asList(args).contains(COMMAND);
  }

  /** Makes what is missing; fails when the broker does not answer. */
  static void run(String service, String... args) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Application.class)
            .properties("spring.config.name=" + service)
            .run(
                Stream.concat(Stream.of(args), Stream.of("--spring.main.web-application-type=none"))
                    .toArray(String[]::new))) {
      KafkaAdmin admin = context.getBean(KafkaAdmin.class);
      admin.setModifyTopicConfigs(true);
      admin.createOrModifyTopics(
          context.getBeansOfType(WantedTopics.class).values().stream()
              .flatMap(wanted -> wanted.topics().stream())
              .toArray(NewTopic[]::new));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(KafkaAutoConfiguration.class)
  @Import({EventTopics.class, TrailTopics.class})
  static class Application {}
}
