package io.agentmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.StepHandler;
import io.agentmanager.worker.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Timeout(60)
class WorkerAutoConfigurationTest {
  @RegisterExtension
  private static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

  private final TestServer server = TestServer.start();
  @TempDir private Path folder;

  @AfterEach
  void stop() {
    server.close();
  }

  static class Greeter {
    @StepCapability("greeter")
    String greet(StepContext step) {
      return "Hello, " + step.description();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Application {
    @Bean
    Greeter greeter() {
      return new Greeter();
    }

    @Bean
    @StepCapability("shouter")
    StepHandler shouter() {
      return step -> Outcome.completed(step.result("greet") + "!");
    }
  }

  @Test
  void everySettingIsExplained() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "workers.md"));
    assertThat(WorkerProperties.class.getRecordComponents())
        .extracting(part -> part.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
        .allSatisfy(name -> assertThat(page).containsPattern("[.]" + name + "[.`]"));
  }

  @Configuration(proxyBeanMethods = false)
  static class Wrong {
    @StepCapability("wrong")
    int count(StepContext step) {
      return step.task().attempt();
    }
  }

  @StepCapability("counter")
  static final class Counter implements StepHandler {
    @Override
    public Outcome handle(StepContext step) {
      return Outcome.completed("1");
    }
  }

  static class Forgetful {
    @StepCapability("forgetful")
    @Nullable String forget(StepContext step) {
      return null;
    }
  }

  private ApplicationContextRunner runner() {
    return new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(WorkerAutoConfiguration.class))
        .withPropertyValues(
            "agentmanager.worker.client-agent-id=spring",
            "agentmanager.worker.server-url=" + server.url(),
            "agentmanager.worker.auth-token=" + server.token(),
            "agentmanager.worker.spool=" + folder);
  }

  @Test
  void annotatedBeansRunTheStepsOfTheirCapabilities() {
    runner()
        .withUserConfiguration(Application.class)
        .withBean(SimpleMeterRegistry.class, SimpleMeterRegistry::new)
        .run(
            context -> {
              String id =
                  server.submit(
                      StepSpec.of("greet", "Ann", "greeter", List.of()),
                      StepSpec.of("shout", "loudly", "shouter", List.of("greet")));
              assertThat(server.await(id, "shout", StepStatus.COMPLETED).finalResult())
                  .isEqualTo("Hello, Ann!");
              assertThat(context.getBean(WorkerLifecycle.class).isBeating()).isTrue();
              assertThat(
                      context
                          .getBean(SimpleMeterRegistry.class)
                          .get("agentmanager.worker.steps")
                          .timers())
                  .isNotEmpty();
            });
  }

  @Test
  void aClassMayBeAHandlerAndTheApplicationsOpenTelemetryGetsItsSpans() {
    runner()
        .withBean(Counter.class)
        .withBean(OpenTelemetry.class, TELEMETRY::getOpenTelemetry)
        .run(
            context -> {
              String id = server.submit(StepSpec.of("count", "x", "counter", List.of()));
              server.await(id, "count", StepStatus.COMPLETED);
              Awaitility.await()
                  .untilAsserted(
                      () ->
                          assertThat(TELEMETRY.getSpans())
                              .extracting(SpanData::getName)
                              .contains("execute_step"));
            });
  }

  @Test
  void aMethodThatReturnsNullFailsItsStep() {
    runner()
        .withBean(Forgetful.class)
        .run(
            context -> {
              String id = server.submit(StepSpec.of("s", "x", "forgetful", List.of()));
              server.await(id, "s", StepStatus.FAILED);
              assertThat(server.results(id, "s").getFirst().error().message())
                  .contains("returned null");
            });
  }

  @Test
  void theApplicationHasTheLastWordOnItsWorker() {
    AtomicBoolean closed = new AtomicBoolean();
    runner()
        .withBean(Counter.class)
        .withBean(WorkerCustomizer.class, () -> worker -> worker.onClose(() -> closed.set(true)))
        .run(context -> assertThat(context).hasNotFailed());
    assertThat(closed).isTrue();
  }

  @Test
  void aDoorbellIsNamedByItsTransport() {
    runner()
        .withBean(Counter.class)
        .withPropertyValues(
            "agentmanager.worker.transport=kafka",
            "agentmanager.worker.kafka.bootstrap-servers=localhost:1")
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .as("this class path has none")
                    .rootCause()
                    .hasMessageContaining("kafka"));
  }

  @Test
  void whatIsMissingOrWrongIsToldAtTheStart() {
    runner()
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .hasRootCauseMessage(
                        "no bean has @StepCapability: annotate one, or set"
                            + " agentmanager.worker.enabled=false"));
    runner()
        .withUserConfiguration(Wrong.class)
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessageContaining("must take a StepContext and return"));
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(WorkerAutoConfiguration.class))
        .withUserConfiguration(Application.class)
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessageContaining("set agentmanager.worker.client-agent-id"));
  }

  @Test
  void anApplicationMayGoWithoutItsWorker() {
    runner()
        .withPropertyValues("agentmanager.worker.enabled=false")
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WorkerLifecycle.class));
  }
}
