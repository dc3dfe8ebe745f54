package io.agentmanager.diagnostics;

import io.agentmanager.diagnostics.Dependency.Doubt;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.TopicDifferences;
import io.agentmanager.journal.WantedTopics;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.KafkaAdmin;

/** What every service depends on; a service imports it and adds what only it needs. */
@Configuration(proxyBeanMethods = false)
public class DiagnosticsConfiguration {
  private static final int PATIENCE_SEC = 2;
  private static final long CONNECT_MS = 500;
  private static final Duration LONG = Duration.ofMinutes(1);

  @Bean
  Diagnostics diagnostics(
      @Value("${spring.application.name}") String service,
      List<Dependency> dependencies,
      InstantSource clock) {
    return new Diagnostics(service, dependencies, clock);
  }

  @Bean
  Dependency databaseDependency(DataSource database) {
    return new Dependency(
        "database",
        "See that PostgreSQL runs and that DATABASE_URL names it; its log says why it refuses.",
        () -> {
          long began = System.nanoTime();
          try (Connection connection = database.getConnection()) {
            if (!connection.isValid(PATIENCE_SEC)) {
              throw new IllegalStateException("a connection is not valid");
            }
            return "answers in " + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms";
          }
        });
  }

  @Bean
  Dependency brokerDependency(KafkaAdmin kafka, List<WantedTopics> wanted) {
    return new Dependency(
        "broker",
        "See that Kafka runs, that KAFKA_BOOTSTRAP_SERVERS names it, and that the job `topics` ran"
            + " since settings of topics were changed. While Kafka is away work goes on, and its"
            + " events follow.",
        () -> {
          try (Admin admin = Admin.create(hasty(kafka.getConfigurationProperties()))) {
            int nodes = admin.describeCluster().nodes().get().size();
            TopicDifferences differences = TopicDifferences.find(admin, wanted);
            if (!differences.missing().isEmpty()) {
              throw new IllegalStateException("topics are missing: " + differences.missing());
            }
            if (!differences.others().isEmpty()) {
              throw new Doubt(String.join("; ", differences.others()));
            }
            return nodes + " brokers, every topic as it is written down";
          }
        });
  }

  /** A broker that is away must not use up the time that the others would answer in. */
  private static Map<String, Object> hasty(Map<String, Object> configuration) {
    Map<String, Object> hasty = new HashMap<>(configuration);
    hasty.put(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, CONNECT_MS);
    hasty.put(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, CONNECT_MS);
    return hasty;
  }

  @Bean
  @ConditionalOnBean(JournalStore.class)
  Dependency journalDependency(JournalStore journal, InstantSource clock) {
    return new Dependency(
        "journal",
        "Kafka is away or slow, or a transaction is kept open; docs/operations.md says how to find"
            + " it.",
        () -> {
          Instant now = clock.instant();
          Duration age =
              journal.oldestWaiting().map(at -> Duration.between(at, now)).orElse(Duration.ZERO);
          if (age.compareTo(LONG) > 0) {
            throw new Doubt("an event has waited " + age.toSeconds() + " s for Kafka");
          }
          return "no event waits long for Kafka";
        });
  }

  /**
   * The file systems that this service writes to, and what a stack on one machine keeps its data
   * on; those of an outside database or broker are seen from their own machines alone.
   */
  @Bean
  Dependency diskDependency(
      @Value("${java.io.tmpdir}") Path temporary,
      @Value("${agentmanager.diagnostics.data-folder:}") String data) {
    List<Path> folders = data.isEmpty() ? List.of(temporary) : List.of(temporary, Path.of(data));
    return new Dependency(
        "disk",
        "Make room there: PostgreSQL and Kafka stop when their disk is full.",
        new FreeSpace(folders));
  }
}
