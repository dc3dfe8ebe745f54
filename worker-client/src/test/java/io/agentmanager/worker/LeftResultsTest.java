package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Results of steps that run on a server, whose worker was killed before it could send them. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class LeftResultsTest {
  private static final String RESULTS = "POST /v1/results/batch";
  private final TestServer server = TestServer.start();
  private final AtomicInteger calls = new AtomicInteger();
  private WeakLink link;
  private String workflow;
  @TempDir private Path root;

  @BeforeEach
  void threeSteps() throws Exception {
    link = new WeakLink(server.url(), WeakLink.SOUND);
    workflow =
        server.submit(
            StepSpec.of("a", "do it", "plain", List.of()),
            StepSpec.of("bad", "do it", "plain", List.of()),
            StepSpec.of("b", "do it", "plain", List.of()));
    GatewayClient killed = client();
    var terms = killed.register("1");
    assertThat(killed.claim(3, "a-claim", false)).as("of %s", terms).hasSize(3);
    try (ResultSpool spool = spool()) {
      for (String step : List.of("a", "bad", "b")) {
        StepResult result = result(workflow, step);
        spool.keep(ResultSpool.ref(result), WireJson.mapper().writeValueAsBytes(result));
      }
    }
  }

  @AfterEach
  void stop() {
    link.close();
    server.close();
  }

  @Test
  void aResultAtWhichTheServerFailsEachTimeKeepsTheWorkerFromNothing() throws Exception {
    link.rule((call, body) -> call.equals(RESULTS) && body.contains("\"bad\"") ? 500 : 0);
    try (ResultSpool spool = spool()) {
      LeftResults left = new LeftResults(client(), spool, Duration.ZERO);
      left.send(() -> false);
      assertThat(status("a", "b")).containsOnly(StepStatus.COMPLETED);
      assertThat(spool.waiting()).containsExactly(ResultSpool.ref(result(workflow, "bad")));
      assertThat(left.isNone()).as("which cannot hold up the goodbye").isTrue();
      left.send(() -> false);
    }
    try (ResultSpool next = spool()) {
      assertThat(next.left()).containsExactly(result(workflow, "bad"));
    }
  }

  @Test
  void aServerThatFailsAtEverythingIsWaitedForHoweverLong() throws Exception {
    link.rule((call, body) -> calls.incrementAndGet() < 8 ? 500 : 0);
    try (ResultSpool spool = spool()) {
      LeftResults left = new LeftResults(client(), spool, Duration.ZERO);
      left.send(() -> false);
      assertThat(left.isNone()).isTrue();
      assertThat(spool.waiting()).isEmpty();
    }
    assertThat(status("a", "bad", "b")).containsOnly(StepStatus.COMPLETED);
  }

  @Test
  void aServerThatIsOutIsWaitedForUntilTheWorkerCloses() throws Exception {
    server.outage(true);
    try (ResultSpool spool = spool()) {
      AtomicInteger looks = new AtomicInteger();
      LeftResults left = new LeftResults(client(), spool, Duration.ZERO);
      left.send(() -> looks.incrementAndGet() > 4);
      assertThat(spool.waiting()).hasSize(3);
      assertThat(left.isNone()).isFalse();
    }
  }

  @Test
  void aProxyThatDoesNotFindTheServerJudgesNoResult() throws Exception {
    int notFound = 404;
    link.rule((call, body) -> calls.incrementAndGet() < 12 ? notFound : 0);
    try (ResultSpool spool = spool()) {
      new LeftResults(client(), spool, Duration.ZERO).send(() -> false);
    }
    assertThat(status("a", "bad", "b")).containsOnly(StepStatus.COMPLETED);
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void whatTheServerNeverTakesIsPutAside() throws Exception {
    int invalid = 422;
    link.rule((call, body) -> body.contains("\"bad\"") ? invalid : 0);
    try (ResultSpool spool = spool()) {
      LeftResults left = new LeftResults(client(), spool, Duration.ofSeconds(30));
      left.send(() -> false);
      assertThat(left.isNone()).isTrue();
    }
    assertThat(status("a", "b")).containsOnly(StepStatus.COMPLETED);
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> aside = files.filter(Files::isRegularFile).toList();
      assertThat(aside).singleElement().asString().endsWith(".refused.json");
      assertThat(aside.getFirst()).content().contains("\"bad\"");
    }
  }

  @Test
  void whatCameTooLateIsForgotten() throws Exception {
    server.loseLeases();
    try (ResultSpool spool = spool()) {
      new LeftResults(client(), spool, Duration.ofSeconds(30)).send(() -> false);
    }
    assertThat(status("a", "bad", "b")).containsOnly(StepStatus.READY);
    assertThat(root).isEmptyDirectory();
  }

  private List<StepStatus> status(String... steps) {
    return Stream.of(steps).map(step -> server.step(workflow, step).status()).toList();
  }

  private static StepResult result(String workflow, String step) {
    return new StepResult(
        workflow,
        step,
        "w",
        1,
        ResultStatus.COMPLETED,
        new RaHistory(null, "done", null),
        0.5,
        null);
  }

  private ResultSpool spool() throws IOException {
    return ResultSpool.in(root, "w", link.url());
  }

  private GatewayClient client() {
    return new GatewayClient(
        WorkerConfig.of("w", link.url(), server.token(), 3, List.of("plain")), WorkerListener.NONE);
  }
}
