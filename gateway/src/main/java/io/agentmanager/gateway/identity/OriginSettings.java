package io.agentmanager.gateway.identity;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where calls come from.
 *
 * @param count of the proxies before the gateway that each add to {@code X-Forwarded-For}; 0 to
 *     believe no header
 */
@ConfigurationProperties("agentmanager.gateway.trusted-proxies")
record OriginSettings(@DefaultValue("0") int count) {
  OriginSettings {
    if (count < 0) {
      throw new IllegalArgumentException(
          "agentmanager.gateway.trusted-proxies.count (TRUSTED_PROXIES) must be 0 or more");
    }
  }
}
