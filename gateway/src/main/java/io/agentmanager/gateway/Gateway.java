package io.agentmanager.gateway;

import io.agentmanager.database.DatabaseConfiguration;
import io.agentmanager.database.Migration;
import io.agentmanager.gateway.oidc.OidcSettings;
import io.agentmanager.gateway.route.CorsSettings;
import io.agentmanager.gateway.route.ServiceUrls;
import io.agentmanager.gateway.token.TokenSettings;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The gateway: identity, routes, problems. */
@SpringBootApplication
@Import(DatabaseConfiguration.class)
@EnableConfigurationProperties({
  TokenSettings.class,
  OidcSettings.class,
  ServiceUrls.class,
  CorsSettings.class
})
public class Gateway {
  /**
   * Starts the service, or migrates its database and ends ({@code migrate}); configuration is read
   * from {@code gateway.yml} and the environment.
   */
  public static void main(String[] args) {
    if (Migration.isAskedFor(args)) {
      Migration.run("gateway", args);
    } else {
      application().run(args);
    }
  }

  /** The application under its own configuration name, so that several fit in one JVM. */
  public static SpringApplication application() {
    SpringApplication application = new SpringApplication(Gateway.class);
    application.setDefaultProperties(Map.of("spring.config.name", "gateway"));
    return application;
  }
}
