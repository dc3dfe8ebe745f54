package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.worker.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Results on a way to the server that is not sound. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class ResultSenderTest {
  private static final String RESULTS = "POST /v1/results/batch";
  private static final int MANY = 6;
  private static final int MORE = Integer.MAX_VALUE;
  private final TestServer server = TestServer.start();
  private final AtomicInteger refusals = new AtomicInteger();
  private WeakLink link;
  @TempDir private Path folder;

  @BeforeEach
  void link() throws IOException {
    link = new WeakLink(server.url(), WeakLink.SOUND);
  }

  @AfterEach
  void stop() {
    link.close();
    server.close();
  }

  @Test
  void aResultAtWhichTheServerFailsHoldsUpNoOther() throws Exception {
    link.rule((call, body) -> body.contains("made by s3") ? 500 : 0);
    try (Worker worker = worker()) {
      String id = server.submit(steps());
      for (int i = 0; i < MANY; i++) {
        if (i != 3) {
          server.await(id, "s" + i, StepStatus.COMPLETED);
        }
      }
      assertThat(server.step(id, "s3").status()).isEqualTo(StepStatus.IN_PROGRESS);
      link.rule(WeakLink.SOUND);
      assertThat(server.await(id, "s3", StepStatus.COMPLETED).attempt()).isEqualTo(1);
    }
  }

  @Test
  void manyResultsAtWhichTheServerFailsHoldUpNoOther() throws Exception {
    link.rule((call, body) -> body.contains("made by poison") && isRefusal(MORE) ? 403 : 0);
    try (Worker worker = worker(config(20).withDrain(Duration.ofSeconds(1)))) {
      server.submit(
          IntStream.range(0, 12)
              .mapToObj(i -> StepSpec.of("poison" + i, "make it", "plain", List.of()))
              .toArray(StepSpec[]::new));
      // Each has failed with others, and goes alone by now.
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> refusals.get() > 12);
      for (int i = 0; i < 3; i++) {
        String id = server.submit(steps());
        server.await(id, "s5", StepStatus.COMPLETED);
      }
    }
  }

  @Test
  void aProxyThatDoesNotFindTheServerJudgesNoResult() throws Exception {
    int notFound = 404;
    link.rule((call, body) -> call.equals(RESULTS) && isRefusal(2) ? notFound : 0);
    try (Worker worker = worker()) {
      String id = server.submit(steps());
      for (int i = 0; i < MANY; i++) {
        assertThat(server.await(id, "s" + i, StepStatus.COMPLETED).finalResult())
            .isEqualTo("made by s" + i);
      }
      assertThat(refusals).hasValueGreaterThan(2);
    }
  }

  @Test
  void whatIsTooLargeForTheWayIsPutAsideAndFailsItsStepAlone() throws Exception {
    int tooLarge = 413;
    link.rule((call, body) -> body.contains("made by large") ? tooLarge : 0);
    try (Worker worker = worker()) {
      String large = server.submit(StepSpec.of("large", "make it", "plain", List.of()));
      String id = server.submit(steps());
      server.await(large, "large", StepStatus.FAILED);
      for (int i = 0; i < MANY; i++) {
        server.await(id, "s" + i, StepStatus.COMPLETED);
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> aside = files.filter(Files::isRegularFile).toList();
      assertThat(aside).singleElement().asString().endsWith(".refused.json");
      assertThat(aside.getFirst()).content().contains("made by large");
    }
  }

  private boolean isRefusal(int most) {
    return refusals.incrementAndGet() <= most;
  }

  private Worker worker() {
    return worker(config(MANY));
  }

  private WorkerConfig config(int parallel) {
    return WorkerConfig.of("w", link.url(), server.token(), parallel, List.of("plain"))
        .withSpool(folder);
  }

  private static Worker worker(WorkerConfig config) {
    return Worker.builder(config)
        .handler("plain", step -> Outcome.completed("made by " + step.task().stepId()))
        .start();
  }

  private static StepSpec[] steps() {
    return IntStream.range(0, MANY)
        .mapToObj(i -> StepSpec.of("s" + i, "make it", "plain", List.of()))
        .toArray(StepSpec[]::new);
  }
}
