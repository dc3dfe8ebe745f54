package io.agentmanager.gateway.route;

import java.net.URI;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which pages may call from a browser.
 *
 * @param allowedOrigins such as {@code https://console.example.com}; none unless set
 */
@ConfigurationProperties("agentmanager.gateway.cors")
public record CorsSettings(@DefaultValue List<String> allowedOrigins) {
  /**
   * Checks that each names one origin.
   *
   * @throws IllegalArgumentException for anything else, {@code *} included
   */
  public CorsSettings {
    allowedOrigins = allowedOrigins.stream().filter(origin -> !origin.isBlank()).toList();
    allowedOrigins.forEach(CorsSettings::check);
  }

  private static void check(String origin) {
    try {
      URI uri = URI.create(origin);
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (web && uri.getHost() != null && uri.getRawPath().isEmpty() && uri.getUserInfo() == null) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "agentmanager.gateway.cors.allowed-origins takes origins such as"
            + " https://console.example.com, not "
            + origin);
  }
}
