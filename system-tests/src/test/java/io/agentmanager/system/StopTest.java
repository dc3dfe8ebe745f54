package io.agentmanager.system;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that is asked to stop, as in a roll-out, answers what it has taken. */
@Tag("faults")
class StopTest {
  private static final int CALLERS = 4;
  private static final int PERIOD_MS = 100;
  private static final int CALLS_BEFORE = 50;
  private final RunningSystem system = RunningSystem.split();
  private final Set<Integer> statuses = ConcurrentHashMap.newKeySet();
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final Queue<String> accepted = new ConcurrentLinkedQueue<>();

  @AfterEach
  void everythingServesAgain() {
    Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(system::isReady);
  }

  @ParameterizedTest
  @ValueSource(strings = {"planner-service", "task-service", "audit-service"})
  void callsThatComeWhileAServiceStopsAreServedOrToldToTryAgain(String service) throws Exception {
    WorkerConfig config =
        WorkerConfig.of("stop", system.url(), system.token(), 20, List.of("stopping"));
    try (Worker worker =
        Worker.builder(config).handler("stopping", step -> Outcome.completed("done")).start()) {
      assertThat(worker.running()).isEmpty();
      try (ScheduledExecutorService callers = Executors.newScheduledThreadPool(CALLERS)) {
        for (int i = 0; i < CALLERS; i++) {
          var unused = callers.scheduleAtFixedRate(this::call, i, PERIOD_MS, MILLISECONDS);
        }
        stopUnderLoad(process(service));
        callers.shutdown();
      }
      assertThat(failures).isEmpty();
      assertThat(statuses).contains(200, 201).isSubsetOf(200, 201, 503);
      Awaitility.await("the end of all")
          .atMost(Duration.ofSeconds(60))
          .until(() -> accepted.removeIf(this::isCompleted) && accepted.isEmpty());
    }
  }

  private boolean isCompleted(String workflow) {
    return system.api().get("/v1/workflows/" + workflow).text("status").equals("COMPLETED");
  }

  private void stopUnderLoad(ProcessHandle service) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> accepted.size() > CALLS_BEFORE);
    assertThat(service.destroy()).isTrue();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> !service.isAlive() && system.isReady());
    int then = accepted.size();
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> accepted.size() > then);
  }

  /** A call that throws would be the last of its caller, and nobody would hear of it. */
  private void call() {
    try {
      submit();
      statuses.add(system.api().get("/v1/workflows?limit=1").status());
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  private void submit() {
    Api.Answer answer =
        system
            .api()
            .post(
                "/v1/tasks",
                """
                {"description": "while a service stops", "audit": {"mode": "none"}, "tasks": [
                  {"step_id": "s", "task_description": "x", "assigned_agent": "stopping"}]}
                """);
    statuses.add(answer.status());
    if (answer.status() == 201) {
      accepted.add(answer.text("workflow_id"));
    }
  }

  private ProcessHandle process(String service) {
    try {
      String pid = Files.readString(system.data().resolve("run/" + service + ".pid")).strip();
      return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
