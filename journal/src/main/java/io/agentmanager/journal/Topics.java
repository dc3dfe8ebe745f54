package io.agentmanager.journal;

import io.agentmanager.contracts.event.EventKind;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The names and shape of the topics.
 *
 * @param prefix stands before every topic's name
 * @param partitions of a topic that does not exist yet
 * @param replicas of a topic that does not exist yet
 * @param retention how long events are kept
 * @param deadLetterRetention how long records are kept that could not be handled
 * @param create whether services make the topics that are not there; otherwise a job does
 */
@ConfigurationProperties("agentmanager.topics")
public record Topics(
    @DefaultValue("agentmanager.") String prefix,
    @DefaultValue("6") int partitions,
    @DefaultValue("1") short replicas,
    @DefaultValue("P7D") Duration retention,
    @DefaultValue("P30D") Duration deadLetterRetention,
    @DefaultValue("true") boolean create) {

  /** What a topic's dead-letter topic has behind its name. */
  public static final String DEAD_LETTERS = "-dlt";

  /** The topic of a kind. */
  public String of(EventKind kind) {
    return prefix + kind.topic();
  }
}
