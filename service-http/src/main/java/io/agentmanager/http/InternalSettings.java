package io.agentmanager.http;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the services share to trust each other.
 *
 * @param secret signs internal tokens; at least 32 bytes, the same in every service
 */
@ConfigurationProperties("agentmanager.internal")
public record InternalSettings(String secret) {
  @Override
  public String toString() {
    return "InternalSettings[secret=***]";
  }
}
