package io.agentmanager.database;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The job before a roll-out: brings a service's database to the schema of this build, and ends. */
public final class Migration {
  private static final String COMMAND = "migrate";
  private static final List<String> SETTINGS =
      List.of(
          "--spring.main.web-application-type=none",
          "--agentmanager.database.migration.at-start=true");

  private Migration() {}

  /** Whether a service's arguments ask for the job instead of the service. */
  public static boolean isAskedFor(String... args) {
    return Arrays.asList(args).contains(COMMAND);
  }

  /**
   * Migrates, makes roles and walls, and returns.
   *
   * @param service whose configuration says where the database is
   * @throws RuntimeException when the database is not at the schema of this build after that
   */
  public static void run(String service, String... args) {
    new SpringApplicationBuilder(Application.class)
        .properties("spring.config.name=" + service)
        .run(Stream.concat(Stream.of(args), SETTINGS.stream()).toArray(String[]::new))
        .close();
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(FlywayAutoConfiguration.class)
  @EnableConfigurationProperties(DataSourceProperties.class)
  @Import(DatabaseConfiguration.class)
  static class Application {}
}
