package io.agentmanager.gateway.token;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The tokens that are there from the start.
 *
 * @param apiToken a fixed one of the first administrator ({@code SERVER_API_TOKEN}); absent means
 *     that one is made
 * @param workerToken a fixed one of the workers that are deployed with the gateway ({@code
 *     WORKER_API_TOKEN}); absent means none
 * @param tokenFile where a made one is written, readable by its owner alone
 */
@ConfigurationProperties("agentmanager.gateway")
public record TokenSettings(
    @Nullable String apiToken, @Nullable String workerToken, @Nullable Path tokenFile) {
  /** What is blank is not set. */
  public TokenSettings {
    apiToken = apiToken == null || apiToken.isBlank() ? null : apiToken;
    workerToken = workerToken == null || workerToken.isBlank() ? null : workerToken;
  }

  @Override
  public String toString() {
    return "TokenSettings[apiToken=***, workerToken=***, tokenFile=" + tokenFile + "]";
  }
}
