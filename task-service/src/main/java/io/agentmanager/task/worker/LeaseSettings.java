package io.agentmanager.task.worker;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long an attempt lives without a sign of its worker.
 *
 * @param heartbeatInterval how often workers report; a lease is three of them
 * @param unlistedGrace how old a claim must be before a heartbeat that does not list it gives it
 *     back: its answer may still be on the way
 */
@ConfigurationProperties("agentmanager.leases")
public record LeaseSettings(
    @DefaultValue("PT5S") Duration heartbeatInterval,
    @DefaultValue("PT2S") Duration unlistedGrace) {
  private static final int INTERVALS = 3;

  /** Refuses intervals that workers, who count in whole seconds, could not keep. */
  public LeaseSettings {
    if (heartbeatInterval.toSeconds() < 1) {
      throw new IllegalArgumentException(
          "agentmanager.leases.heartbeat-interval must be a second or more");
    }
  }

  /** The length of a lease. */
  public Duration lease() {
    return heartbeatInterval.multipliedBy(INTERVALS);
  }

  /** The length of a lease in whole seconds. */
  public int leaseSec() {
    return Math.toIntExact(lease().toSeconds());
  }
}
