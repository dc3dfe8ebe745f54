package io.agentmanager.audit.trail;

import io.agentmanager.database.KeyRing;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The audit trail.
 *
 * @param keys chain the entries ({@code TRAIL_KEYS}): {@code 1:BASE64}, as {@link KeyRing} reads it
 * @param signingKey signs checkpoints and heads ({@code TRAIL_SIGNING_KEY}): a JSON Web Key on
 *     P-256, or a set of them of which the first signs
 * @param headsEvery how soon a chain's new head is published
 */
@ConfigurationProperties("agentmanager.trail")
record TrailSettings(
    @DefaultValue("") String keys,
    @DefaultValue("") String signingKey,
    @DefaultValue("PT5S") Duration headsEvery) {
  KeyRing ring() {
    return KeyRing.parse("TRAIL_KEYS", keys, "HmacSHA256");
  }

  @Override
  public String toString() {
    return "TrailSettings[headsEvery=" + headsEvery + "]";
  }
}
