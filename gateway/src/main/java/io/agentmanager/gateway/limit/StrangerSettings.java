package io.agentmanager.gateway.limit;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What callers without a good token may do.
 *
 * @param atOnce bad tokens that one address may bring before it is slowed
 * @param perSecond bad tokens a second that it may bring after those
 */
@ConfigurationProperties("agentmanager.gateway.strangers")
public record StrangerSettings(
    @DefaultValue("2000") int atOnce, @DefaultValue("200") int perSecond) {
  /** Refuses limits that would let nobody in. */
  public StrangerSettings {
    if (atOnce < 1 || perSecond < 1) {
      throw new IllegalArgumentException(
          "agentmanager.gateway.strangers.at-once and .per-second must be 1 or more");
    }
  }
}
