package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.embedded.EmbeddedKafka;
import io.agentmanager.embedded.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.kafka.core.KafkaAdmin;

/** The topics of a real broker against those that are written down. */
class TopicsAtStartTest {
  private static final String DAY = Long.toString(Duration.ofDays(1).toMillis());
  @TempDir private static Path folder;
  private static EmbeddedKafka kafka;
  private static Admin broker;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), FreePorts.next(), FreePorts.next());
    broker = Admin.create(configuration());
  }

  @AfterAll
  static void stop() {
    broker.close();
    kafka.close();
  }

  private static Map<String, Object> configuration() {
    return Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
  }

  private static WantedTopics topic(String name, int partitions, String retention) {
    return new WantedTopics(
        List.of(
            new NewTopic(name, partitions, (short) 1)
                .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, retention))));
  }

  private static TopicsAtStart atStart(boolean create, WantedTopics... wanted) {
    Topics settings = new Topics("", 1, (short) 1, Duration.ZERO, Duration.ZERO, create);
    return new TopicsAtStart(new KafkaAdmin(configuration()), settings, List.of(wanted));
  }

  @Test
  void whatAServiceMadeIsAsItIsWrittenDown() throws Exception {
    WantedTopics wanted = topic("made", 3, DAY);
    atStart(true, wanted).run();
    assertThat(TopicDifferences.find(broker, List.of(wanted)))
        .isEqualTo(new TopicDifferences(List.of(), List.of()));
    atStart(false, wanted).run();
  }

  @Test
  void aTopicThatAJobHasToMakeIsMissedByNameAndLookedForAgain() {
    TopicsAtStart start = atStart(false, topic("late", 1, DAY));
    assertThatThrownBy(start::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("late")
        .hasMessageContaining("run the job: topics");
    atStart(true, topic("late", 1, DAY)).run();
    start.run();
  }

  @Test
  void fewerPartitionsAndAnotherRetentionAreToldAndMoreIsNoDifference() throws Exception {
    atStart(true, topic("other", 2, DAY)).run();
    assertThat(TopicDifferences.find(broker, List.of(topic("other", 3, "1000"))).others())
        .containsExactlyInAnyOrder(
            "other has 2 partitions, and 3 are written down",
            "other has retention.ms=" + DAY + ", and 1000 is written down");
    assertThat(TopicDifferences.find(broker, List.of(topic("other", 1, DAY))).others()).isEmpty();
  }
}
