package io.agentmanager.gateway.session;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Sessions of people.
 *
 * @param perPerson at a time; one more ends the one that was idle longest
 * @param idle how long one may be without a call
 * @param longest how long one lasts in any case
 * @param kept how long an ended one is known, so that it does not begin anew
 */
@ConfigurationProperties("agentmanager.gateway.sessions")
public record SessionSettings(
    @DefaultValue("5") int perPerson,
    @DefaultValue("PT30M") Duration idle,
    @DefaultValue("PT12H") Duration longest,
    @DefaultValue("P30D") Duration kept) {
  /**
   * Checks that a person may have one.
   *
   * @throws IllegalArgumentException when not
   */
  public SessionSettings {
    if (perPerson < 1
        || idle.isNegative()
        || idle.isZero()
        || longest.compareTo(idle) < 0
        || kept.compareTo(longest) < 0) {
      throw new IllegalArgumentException(
          "agentmanager.gateway.sessions: per-person at least 1, idle above 0, longest not below"
              + " idle, kept not below longest");
    }
  }
}
