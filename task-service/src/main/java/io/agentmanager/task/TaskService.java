package io.agentmanager.task;

import io.agentmanager.database.DatabaseConfiguration;
import io.agentmanager.database.Migration;
import io.agentmanager.diagnostics.DiagnosticsConfiguration;
import io.agentmanager.diagnostics.DiagnosticsController;
import io.agentmanager.http.ServiceHttpConfiguration;
import io.agentmanager.journal.JournalConfiguration;
import io.agentmanager.journal.RetentionLoop;
import io.agentmanager.journal.RetentionSettings;
import io.agentmanager.task.meter.MeterSettings;
import io.agentmanager.task.recover.RecoverySettings;
import io.agentmanager.task.retention.RemoveFinished;
import io.agentmanager.task.worker.LeaseSettings;
import io.agentmanager.task.write.WriteSettings;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The task-service: workflows and steps, dispatch, leases, locks, journal. */
@SpringBootApplication
@Import({
  ServiceHttpConfiguration.class,
  DatabaseConfiguration.class,
  JournalConfiguration.class,
  DiagnosticsConfiguration.class,
  DiagnosticsController.class
})
@EnableConfigurationProperties({
  WriteSettings.class,
  LeaseSettings.class,
  RecoverySettings.class,
  MeterSettings.class
})
public class TaskService {
  /**
   * Starts the service, or migrates its database and ends ({@code migrate}); configuration is read
   * from {@code task-service.yml} and the environment.
   */
  public static void main(String[] args) {
    if (Migration.isAskedFor(args)) {
      Migration.run("task-service", args);
    } else {
      application().run(args);
    }
  }

  @Bean
  RetentionLoop retentionLoop(RemoveFinished removal, RetentionSettings settings) {
    return new RetentionLoop(removal, settings);
  }

  /** The application under its own configuration name, so that several fit in one JVM. */
  public static SpringApplication application() {
    SpringApplication application = new SpringApplication(TaskService.class);
    application.setDefaultProperties(java.util.Map.of("spring.config.name", "task-service"));
    return application;
  }
}
