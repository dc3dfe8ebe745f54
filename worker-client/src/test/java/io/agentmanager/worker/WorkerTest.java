package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.Artefact;
import io.agentmanager.contracts.api.AttemptResult;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.file.WorkspacePath;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.metrics.MicrometerMetrics;
import io.agentmanager.worker.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class WorkerTest {
  private final TestServer server = TestServer.start();
  @TempDir private Path folder;

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aHandlerHasTheInputsTheResultsItBuildsOnAndAPlaceForProgressAndArtefacts() throws Exception {
    Worker.Builder builder =
        Worker.builder(config("w"))
            .handler(
                "plain",
                step -> {
                  if (step.task().stepId().equals("first")) {
                    return Outcome.completed(step.input("name") + "!");
                  }
                  step.progress("half way");
                  return Outcome.completed(
                      step.result("first"), Artefact.text("table", "text/csv", "a,b"));
                });
    try (Worker worker = builder.start()) {
      String id =
          server.submit(
              step("first", "{\"name\": \"Ann\"}"),
              StepSpec.of("second", "say it", "plain", List.of("first")));
      assertThat(server.await(id, "second", StepStatus.COMPLETED).finalResult()).isEqualTo("Ann!");
      AttemptResult result = server.results(id, "second").getFirst();
      assertThat(Objects.requireNonNull(result.artefacts()).getFirst().name()).isEqualTo("table");
      assertThat(result.raHistory().iterationList())
          .extracting(Iteration::thought)
          .containsExactly("half way");
      assertThat(server.status(id)).isEqualTo(WorkflowStatus.COMPLETED);
    }
  }

  @Test
  void whatAHandlerAsksForAndIsNotThereIsNamed() throws Exception {
    try (Worker worker = start("w", step -> Outcome.completed(step.input("nmae")))) {
      String id = server.submit(step("typo", "{\"name\": \"Ann\"}"));
      server.await(id, "typo", StepStatus.FAILED);
      assertThat(Objects.requireNonNull(server.results(id, "typo").getFirst().error()).message())
          .isEqualTo("the input of step typo has no \"nmae\"; it has name");
    }
  }

  @Test
  void theAttemptAfterALostOneFindsItsCheckpoint() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    StepHandler handler =
        step -> {
          if (step.checkpoint().isEmpty()) {
            step.progress("page 1");
            told.countDown();
            new CountDownLatch(1).await();
          }
          return Outcome.completed("after " + step.checkpoint().getFirst().thought());
        };
    try (Worker worker = start("w", handler)) {
      String id = server.submit(step("pages", "{}"));
      assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
      server.loseLeases();
      assertThat(server.await(id, "pages", StepStatus.COMPLETED).finalResult())
          .isEqualTo("after page 1");
    }
  }

  @Test
  void theFirstHeartbeatFollowsTheRegistrationAtOnceBecauseALeaseMayBeShort() throws Exception {
    try (Worker worker = start("w", step -> Outcome.completed("never asked"))) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> server.requests().contains("PUT /v1/workers/w"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(4))
          .until(() -> server.requests().contains("POST /v1/workers/w/heartbeat"));
    }
  }

  @Test
  void aCancelledWorkflowStopsItsHandler() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    StepHandler handler =
        step -> {
          began.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            stopped.countDown();
            assertThat(step.isStopped()).isTrue();
          }
          return Outcome.completed("too late");
        };
    try (Worker worker = start("w", handler)) {
      String id = server.submit(step("endless", "{}"));
      assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
      server.cancel(id);
      assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void plainCodeAsksAPersonAndGoesOnWhenSheAgrees() throws Exception {
    StepHandler handler =
        step ->
            step.approval().isEmpty()
                ? Outcome.awaitingApproval(Approval.of("Send 300 mails?"))
                : Outcome.completed("sent, since " + step.approval().orElseThrow().comment());
    try (Worker worker = start("w", handler)) {
      String id = server.submit(step("mails", "{}"));
      var waiting = server.await(id, "mails", StepStatus.AWAITING_APPROVAL);
      assertThat(Objects.requireNonNull(waiting.approval()).asked().path("question").asString())
          .isEqualTo("Send 300 mails?");
      Awaitility.await("a question holds no slot").until(() -> worker.running().isEmpty());
      server.approve(id, "mails", "they asked for it");
      assertThat(server.await(id, "mails", StepStatus.COMPLETED).finalResult())
          .isEqualTo("sent, since they asked for it");
    }
  }

  @Test
  void aFinishedResultOutlivesTheWorkerThatCouldNotSendIt() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch away = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    StepHandler handler =
        step -> {
          runs.incrementAndGet();
          began.countDown();
          away.await();
          return Outcome.completed("dear");
        };
    Worker first = start("spooling", handler);
    String id = server.submit(step("long", "{}"));
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    server.outage(true);
    away.countDown();
    awaitSpooled(1);
    first.close();
    assertThat(spooled()).as("it waits on disk").isEqualTo(1);

    server.outage(false);
    try (Worker second = start("spooling", handler)) {
      assertThat(server.await(id, "long", StepStatus.COMPLETED).finalResult()).isEqualTo("dear");
      awaitSpooled(0);
    }
    assertThat(runs).as("the work was done once").hasValue(1);
  }

  @Test
  void aResultThatTheServerTakesFromNobodyFailsTheStepForGood() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    StepHandler handler =
        step -> {
          runs.incrementAndGet();
          return Outcome.completed(
              "done", Artefact.text("same", "text/plain", "a"), Artefact.at("same", "b", "c"));
        };
    try (Worker worker = start("invalid", handler)) {
      String id = server.submit(step("s", "{}"));
      server.await(id, "s", StepStatus.FAILED);
      assertThat(Objects.requireNonNull(server.results(id, "s").getFirst().error()).type())
          .isEqualTo("invalid_result");
      assertThat(runs).as("it is not run again to the same end").hasValue(1);
    }
  }

  @Test
  void whatAWorkerDoesIsMeasured() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (Worker worker =
        Worker.builder(config("measured"))
            .handler("plain", step -> Outcome.completed("done"))
            .listener(new MicrometerMetrics(registry))
            .start()) {
      String id = server.submit(step("s", "{}"));
      server.await(id, "s", StepStatus.COMPLETED);
    }
    assertThat(
            registry
                .get("agentmanager.worker.steps")
                .tags("capability", "plain", "status", "completed")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(registry.get("agentmanager.worker.running").gauge().value()).isZero();
  }

  @Test
  void aWorkerRunsAsManyAttemptsAtOnceAsItSays() throws Exception {
    CyclicBarrier two = new CyclicBarrier(2);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    StepHandler handler =
        step -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          int arrived = two.await(20, TimeUnit.SECONDS);
          now.decrementAndGet();
          return Outcome.completed("one of two, " + arrived);
        };
    try (Worker worker = start("two", handler)) {
      String id =
          server.submit(
              IntStream.range(0, 6).mapToObj(i -> step("s" + i, "{}")).toArray(StepSpec[]::new));
      for (int i = 0; i < 6; i++) {
        server.await(id, "s" + i, StepStatus.COMPLETED);
      }
    }
    assertThat(most).hasValue(2);
  }

  @Test
  void aWorkerThatIsClosedLetsWhatRunsFinish() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Worker worker =
        Worker.builder(config("drained").withDrain(Duration.ofSeconds(60)))
            .handler(
                "plain",
                step -> {
                  began.countDown();
                  go.await();
                  return Outcome.completed("finished");
                })
            .start();
    String id = server.submit(step("slow", "{}"));
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.ofVirtual().start(worker::close);
    Awaitility.await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    String later = server.submit(step("later", "{}"));
    go.countDown();
    assertThat(server.await(id, "slow", StepStatus.COMPLETED).finalResult()).isEqualTo("finished");
    assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    assertThat(server.step(later, "later").status())
        .as("claims no more")
        .isEqualTo(StepStatus.READY);
  }

  @Test
  void whatDoesNotFinishInTimeGoesBackAndIsNobodysFailure() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    Worker worker =
        Worker.builder(config("hurried").withDrain(Duration.ofSeconds(1)))
            .handler(
                "plain",
                step -> {
                  began.countDown();
                  new CountDownLatch(1).await();
                  return Outcome.completed("never");
                })
            .start();
    String id = server.submit(step("endless", "{}").withMaxAttempts(1));
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    worker.close();
    assertThat(server.await(id, "endless", StepStatus.READY).attempt()).isEqualTo(1);
    assertThat(server.results(id, "endless")).isEmpty();
    assertThat(spooled()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasStoppedIsNoResultThatKeepsTheWorkerFromLeaving(boolean completes) throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    WorkerListener slow =
        new WorkerListener() {
          @Override
          public void ended(String capability, String outcome, Duration took) {
            told.countDown();
            await(closed);
          }
        };
    Worker worker =
        Worker.builder(config("leaver").withDrain(Duration.ofMillis(100)))
            .listener(slow)
            .handler(
                "plain",
                step -> {
                  began.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    if (!completes) {
                      throw e;
                    }
                  }
                  return Outcome.completed("in vain");
                })
            .start();
    String id = server.submit(step("endless", "{}"));
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    server.cancel(id);
    assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
    worker.close();
    closed.countDown();
    assertThat(server.requests()).contains("DELETE /v1/workers/leaver");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aHandlerThatReturnsNothingFailsTheStepForGoodWithWhatToDo() throws Exception {
    try (Worker worker =
        start("w", step -> step.input("kind").equals("null") ? null : Outcome.failed("io", null))) {
      String id = server.submit(step("s", "{\"kind\": \"null\"}"));
      server.await(id, "s", StepStatus.FAILED);
      assertThat(Objects.requireNonNull(server.results(id, "s").getFirst().error()).message())
          .isEqualTo("The handler of plain returned null; it must return an Outcome.");
      String other = server.submit(step("t", "{\"kind\": \"\"}").withMaxAttempts(1));
      server.await(other, "t", StepStatus.FAILED);
      assertThat(Objects.requireNonNull(server.results(other, "t").getFirst().error()).type())
          .isEqualTo("io");
    }
  }

  @Test
  void anIterationThatNoServerTakesCostsNoResult() throws Exception {
    StepHandler handler =
        step -> {
          step.progress("half a pair \uD83D and a null \0");
          return Outcome.completed("done");
        };
    try (Worker worker = start("w", handler)) {
      String id = server.submit(step("s", "{}"));
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult()).isEqualTo("done");
      assertThat(server.results(id, "s").getFirst().raHistory().iterationList())
          .extracting(Iteration::thought)
          .containsExactly("half a pair \uFFFD and a null \uFFFD");
    }
  }

  @Test
  void aFailureMayBringWhatWasMadeAllTheSame() throws Exception {
    StepHandler handler =
        step -> Outcome.failedForGood("broken", "half", Artefact.text("log", "text/plain", "x"));
    try (Worker worker = start("w", handler)) {
      String id = server.submit(step("s", "{}"));
      server.await(id, "s", StepStatus.FAILED);
      AttemptResult result = server.results(id, "s").getFirst();
      assertThat(Objects.requireNonNull(result.artefacts()).getFirst().name()).isEqualTo("log");
    }
  }

  @Test
  void aResultThatIsTooLargeForTheClaimIsAskedForByName() throws Exception {
    StepHandler handler =
        step ->
            Outcome.completed(
                step.task().dependencies().isEmpty()
                    ? step.task().stepId().repeat(350_000)
                    : step.task().dependencyResultsTruncated()
                        + " "
                        + (step.result("ab") + step.result("cd")).length());
    try (Worker worker = start("w", handler)) {
      String id =
          server.submit(
              step("ab", "{}"),
              step("cd", "{}"),
              StepSpec.of("both", "join", "plain", List.of("ab", "cd")));
      assertThat(server.await(id, "both", StepStatus.COMPLETED).finalResult())
          .isEqualTo("true 1400000");
      assertThat(server.requests()).contains("GET /v1/workflows/" + id + "/steps/cd/result");
    }
  }

  @Test
  void manyStepsComeWithOneClaimAndTheirResultsGoTogether() throws Exception {
    int many = 20;
    CyclicBarrier all = new CyclicBarrier(many);
    String id =
        server.submit(
            IntStream.range(0, many).mapToObj(i -> step("s" + i, "{}")).toArray(StepSpec[]::new));
    WorkerConfig wide = server.config("wide", many, "plain").withSpool(folder);
    StepHandler handler =
        step -> {
          int arrived = all.await(20, TimeUnit.SECONDS);
          return Outcome.completed("arrived as number " + arrived);
        };
    try (Worker worker = Worker.builder(wide).handler("plain", handler).start()) {
      for (int i = 0; i < many; i++) {
        server.await(id, "s" + i, StepStatus.COMPLETED);
      }
      assertThat(calls("/v1/tasks/claims"))
          .as("one that brought all, and what came after")
          .isLessThan(4);
      assertThat(calls("/v1/results")).as("calls for 20 results").isBetween(1L, 10L);
    }
  }

  @Test
  void aServerThatIsOutIsLeftAloneForLongerEachTime() throws Exception {
    List<Long> failures = new CopyOnWriteArrayList<>();
    server.outage(true);
    WorkerListener listener =
        new WorkerListener() {
          @Override
          public void gatewayFailed() {
            failures.add(System.nanoTime());
          }
        };
    try (Worker worker =
        Worker.builder(config("patient"))
            .handler("plain", step -> Outcome.completed("done"))
            .listener(listener)
            .start()) {
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> failures.size() >= 5);
      // Half of 200, 400, 800 and 1600 ms at least.
      assertThat(Duration.ofNanos(failures.get(4) - failures.get(0)))
          .isGreaterThanOrEqualTo(Duration.ofMillis(1_500));
      assertThat(calls("/v1/workers")).isLessThan(10);
      server.outage(false);
      String id = server.submit(step("s", "{}"));
      server.await(id, "s", StepStatus.COMPLETED);
    }
  }

  @Test
  void outagesAndRefusedResultsAreCounted() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Worker worker =
        Worker.builder(config("unlucky"))
            .handler(
                "plain",
                step -> {
                  if (step.task().attempt() == 1) {
                    began.countDown();
                    awaitWhatever(go);
                  }
                  return Outcome.completed("done");
                })
            .listener(new MicrometerMetrics(registry))
            .start()) {
      String id = server.submit(step("s", "{}"));
      assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
      server.loseLeases();
      go.countDown();
      server.await(id, "s", StepStatus.COMPLETED);
      assertThat(registry.get("agentmanager.worker.results.refused").counter().count())
          .isBetween(0.0, 1.0);
      server.outage(true);
      Awaitility.await()
          .until(() -> registry.get("agentmanager.worker.gateway.failures").counter().count() > 0);
      server.outage(false);
    }
  }

  @Test
  void filesAreLockedInTheOperatingSystemWhereNoWorkspaceIsNamedToo() throws Exception {
    OsFileLocks others = new OsFileLocks(Path.of("."));
    WorkspacePath path = WorkspacePath.parse("target/locked.md").orElseThrow();
    StepHandler handler =
        step -> {
          try (HeldFile held = step.lock(path.value(), AccessType.WRITE, Duration.ofSeconds(5))) {
            others.take(path, AccessType.READ, Duration.ZERO).close();
            return Outcome.completed("somebody else had it too");
          } catch (IOException e) {
            return Outcome.completed(e.getMessage());
          }
        };
    try (Worker worker = start("homeless", handler)) {
      String id = server.submit(step("s", "{}"));
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .contains("another process on this machine holds");
    }
  }

  private static void awaitWhatever(CountDownLatch go) {
    while (go.getCount() > 0) {
      try {
        go.await();
      } catch (InterruptedException e) {
        // It does not listen.
      }
    }
  }

  private long calls(String path) {
    return server.requests().stream().filter(call -> call.contains(" " + path)).count();
  }

  private Worker start(String name, StepHandler handler) {
    return Worker.builder(config(name)).handler("plain", handler).start();
  }

  private WorkerConfig config(String name) {
    return server.config(name, 2, "plain").withSpool(folder).withDrain(Duration.ofSeconds(5));
  }

  private static StepSpec step(String id, String input) {
    return StepSpec.of(id, "do it", "plain", List.of())
        .withInput(WireJson.mapper().readValue(input, ObjectNode.class));
  }

  /** Results that wait for an answer, as the logs say. */
  private long spooled() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      long waiting = 0;
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        String text = Files.readString(log);
        waiting += text.lines().filter(line -> line.startsWith("+")).count();
        waiting -= text.lines().filter(line -> line.startsWith("-")).count();
      }
      return waiting;
    }
  }

  private void awaitSpooled(long wanted) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> spooled() == wanted);
  }
}
