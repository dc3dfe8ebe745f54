package io.agentmanager.planner;

import io.agentmanager.database.DatabaseConfiguration;
import io.agentmanager.database.Migration;
import io.agentmanager.diagnostics.Dependency;
import io.agentmanager.diagnostics.DiagnosticsConfiguration;
import io.agentmanager.diagnostics.DiagnosticsController;
import io.agentmanager.diagnostics.ModelSpending;
import io.agentmanager.http.InternalTokens;
import io.agentmanager.http.ServiceClient;
import io.agentmanager.http.ServiceHttpConfiguration;
import io.agentmanager.jobs.Job;
import io.agentmanager.jobs.JobRunner;
import io.agentmanager.jobs.JobSettings;
import io.agentmanager.journal.JournalConfiguration;
import io.agentmanager.journal.RetentionLoop;
import io.agentmanager.journal.RetentionSettings;
import io.agentmanager.journal.WorkflowTraces;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.models.ModelMeters;
import io.agentmanager.models.provider.ModelProviderCheck;
import io.agentmanager.models.provider.ModelSettings;
import io.agentmanager.models.provider.Models;
import io.agentmanager.planner.submission.Submissions;
import io.agentmanager.tracing.LogContext;
import io.agentmanager.tracing.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** The planner-service: submissions, plans, syntheses. */
@SpringBootApplication
@Import({
  ServiceHttpConfiguration.class,
  DatabaseConfiguration.class,
  JournalConfiguration.class,
  DiagnosticsConfiguration.class,
  DiagnosticsController.class
})
@EnableConfigurationProperties(JobSettings.class)
public class PlannerService {
  /**
   * Starts the service, or migrates its database and ends ({@code migrate}); configuration is read
   * from {@code planner-service.yml} and the environment.
   */
  public static void main(String[] args) {
    if (Migration.isAskedFor(args)) {
      Migration.run("planner-service", args);
    } else {
      application().run(args);
    }
  }

  /** The application under its own configuration name, so that several fit in one JVM. */
  public static SpringApplication application() {
    SpringApplication application = new SpringApplication(PlannerService.class);
    application.setDefaultProperties(Map.of("spring.config.name", "planner-service"));
    return application;
  }

  @Bean
  JobRunner jobRunner(
      DataSource database,
      List<Job> jobs,
      JobSettings settings,
      InstantSource clock,
      Traces traces,
      WorkflowTraces parents) {
    return new JobRunner(database, jobs, settings, clock, traces, parents::of);
  }

  @Bean
  RetentionLoop retentionLoop(
      Submissions submissions, RetentionSettings settings, InstantSource clock) {
    return new RetentionLoop(
        () ->
            submissions.removeFinishedBefore(
                    clock.instant().minus(settings.finished()), settings.batch())
                == settings.batch(),
        settings);
  }

  /** The configured model; empty means that rules take its place. */
  @Bean
  ModelChoice modelChoice(Environment environment, MeterRegistry registry) {
    ModelSpending spending = new ModelSpending(registry);
    return new ModelChoice(
        Models.create(
            ModelSettings.from(environment::getProperty),
            new ModelMeters(registry)
                .and(call -> spending.add(LogContext.tenant(), call.model(), call.usage()))));
  }

  @Bean
  TaskServiceClient taskServiceClient(
      @Value("${agentmanager.services.task}") URI task, InternalTokens tokens) {
    return new TaskServiceClient(new ServiceClient(task, tokens));
  }

  @Bean
  Dependency modelDependency(Environment environment) {
    return new Dependency(
        "model provider",
        "See LLM_PROVIDER, LLM_BASE_URL, LLM_MODEL and the provider's key, and whether the provider"
            + " can be reached from here.",
        () -> {
          ModelProviderCheck seen =
              ModelProviderCheck.look(ModelSettings.from(environment::getProperty));
          if (!seen.isSure()) {
            throw new Dependency.Doubt(seen.detail());
          }
          return seen.detail();
        });
  }

  /** A bean may not be optional itself. */
  public record ModelChoice(Optional<MeteredModel> model) {}
}
