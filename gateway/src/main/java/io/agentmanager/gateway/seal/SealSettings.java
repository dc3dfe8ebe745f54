package io.agentmanager.gateway.seal;

import io.agentmanager.database.KeyRing;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How values are sealed.
 *
 * @param keys {@code ENCRYPTION_KEYS}: {@code 1:BASE64}, as {@link KeyRing} reads it; the newest
 *     seals, all of them open
 */
@ConfigurationProperties("agentmanager.encryption")
record SealSettings(@DefaultValue("") String keys) {
  KeyRing ring() {
    return KeyRing.parse("ENCRYPTION_KEYS", keys, "AES");
  }

  @Override
  public String toString() {
    return "SealSettings[keys=***]";
  }
}
