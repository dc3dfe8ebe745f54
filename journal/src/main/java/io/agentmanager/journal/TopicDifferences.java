package io.agentmanager.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * How the topics that are there differ from those that are written down.
 *
 * @param missing the names of those that are not there
 * @param others what is otherwise than it is written down, a sentence each: fewer partitions, fewer
 *     copies, another setting. More partitions or copies are no difference, nor are settings that
 *     the broker does not let this service read ({@code DESCRIBE_CONFIGS})
 */
public record TopicDifferences(List<String> missing, List<String> others) {
  /**
   * Looks at the broker.
   *
   * @throws ExecutionException when it does not answer
   */
  public static TopicDifferences find(Admin broker, List<WantedTopics> written)
      throws ExecutionException, InterruptedException {
    List<NewTopic> wanted = written.stream().flatMap(some -> some.topics().stream()).toList();
    Set<String> there = broker.listTopics().names().get();
    List<String> missing =
        wanted.stream().map(NewTopic::name).filter(name -> !there.contains(name)).toList();
    List<NewTopic> found = wanted.stream().filter(topic -> there.contains(topic.name())).toList();
    List<String> others = new ArrayList<>(shapes(broker, found));
    others.addAll(settings(broker, found));
    return new TopicDifferences(missing, others);
  }

  private static List<String> shapes(Admin broker, List<NewTopic> wanted)
      throws ExecutionException, InterruptedException {
    Map<String, TopicDescription> found =
        broker.describeTopics(wanted.stream().map(NewTopic::name).toList()).allTopicNames().get();
    List<String> differences = new ArrayList<>();
    for (NewTopic topic : wanted) {
      TopicDescription is = Objects.requireNonNull(found.get(topic.name()));
      int copies =
          is.partitions().stream().mapToInt(part -> part.replicas().size()).min().orElseThrow();
      fewer(topic, "partitions", is.partitions().size(), topic.numPartitions(), differences);
      fewer(topic, "copies", copies, topic.replicationFactor(), differences);
    }
    return differences;
  }

  private static void fewer(
      NewTopic topic, String of, int there, int written, List<String> differences) {
    if (there < written) {
      differences.add(
          "%s has %d %s, and %d are written down".formatted(topic.name(), there, of, written));
    }
  }

  /** Whoever may write to a topic may not always read its settings; then none differs. */
  private static List<String> settings(Admin broker, List<NewTopic> wanted)
      throws ExecutionException, InterruptedException {
    try {
      Map<ConfigResource, Config> found =
          broker
              .describeConfigs(wanted.stream().map(TopicDifferences::resource).toList())
              .all()
              .get();
      return wanted.stream()
          .flatMap(
              topic ->
                  topic.configs().entrySet().stream()
                      .filter(
                          entry -> !entry.getValue().equals(value(found, topic, entry.getKey())))
                      .map(
                          entry ->
                              "%s has %s=%s, and %s is written down"
                                  .formatted(
                                      topic.name(),
                                      entry.getKey(),
                                      value(found, topic, entry.getKey()),
                                      entry.getValue())))
          .collect(Collectors.toList());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return List.of();
      }
      throw e;
    }
  }

  private static ConfigResource resource(NewTopic topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
  }

  private static String value(Map<ConfigResource, Config> found, NewTopic topic, String name) {
    ConfigEntry entry = Objects.requireNonNull(found.get(resource(topic))).get(name);
    return entry == null ? "nothing" : entry.value();
  }
}
