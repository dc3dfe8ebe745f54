package io.agentmanager.gateway.token;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The first administrator's token.
 *
 * @param apiToken a fixed one ({@code SERVER_API_TOKEN}); absent means that one is made
 * @param tokenFile where a made one is written, readable by its owner alone
 */
@ConfigurationProperties("agentmanager.gateway")
public record TokenSettings(@Nullable String apiToken, @Nullable Path tokenFile) {
  @Override
  public String toString() {
    return "TokenSettings[apiToken=***, tokenFile=" + tokenFile + "]";
  }
}
