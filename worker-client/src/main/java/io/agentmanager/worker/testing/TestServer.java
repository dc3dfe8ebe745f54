package io.agentmanager.worker.testing;

import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.AttemptResult;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.worker.WorkerConfig;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * AgentManager's side of the wire for tests of workers, in memory and over HTTP on the loopback
 * address: it hands out the steps of explicit plans, with attempts, leases, checkpoints, approvals
 * and cancellation as the real server does. It passes the same tests as that one does. It neither
 * plans nor audits, lets nobody wait for a retry, and knows no priorities, deadlines and {@code
 * on_failure}; {@link #sendBack} plays an audit. Its clock stands still until a test moves it:
 * nothing is lost because a test is slow. A lease lasts a minute of that clock ({@link
 * #loseLeases}).
 *
 * <pre>{@code
 * try (TestServer server = TestServer.start();
 *     Worker worker = Worker.builder(server.config("w", 2, "greeter"))
 *         .handler("greeter", step -> Outcome.completed("hello")).start()) {
 *   String id = server.submit(StepSpec.of("greet", "Say hello", "greeter", List.of()));
 *   assertThat(server.await(id, "greet", StepStatus.COMPLETED).finalResult()).isEqualTo("hello");
 * }
 * }</pre>
 */
public final class TestServer implements AutoCloseable {
  /**
   * Workers count by real time, which goes on while the clock stands: longer than a test stalls.
   */
  private static final Duration LEASE = Duration.ofMinutes(1);

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String TOKEN = "test-token";
  private final SettableClock clock;
  private final MemoryWorkflows workflows;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MemoryRoutes routes;
  private final HttpServer http;
  private final Path spool;

  private TestServer(HttpServer http, SettableClock clock, Path spool) {
    this.http = http;
    this.clock = clock;
    this.spool = spool;
    this.workflows = new MemoryWorkflows(clock, LEASE);
    this.routes = new MemoryRoutes(workflows, TOKEN);
  }

  /** Starts one at a free port, with a clock of its own that {@link #advance} moves. */
  public static TestServer start() {
    return start(new SettableClock(START));
  }

  /**
   * Starts one at a free port by a clock that the test shares with others. Moved by {@link
   * #advance}, it wakes whoever waits; moved elsewhere, it counts when somebody calls next.
   */
  public static TestServer start(SettableClock clock) {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      Path spool = Files.createTempDirectory("worker-results");
      TestServer server = new TestServer(http, clock, spool);
      http.setExecutor(server.threads);
      http.createContext("/", server.routes::serve);
      http.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it listens. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  /** The token that it takes. */
  public String token() {
    return TOKEN;
  }

  /** A configuration of a worker of this server; what it keeps on disk goes with the server. */
  public WorkerConfig config(String name, int parallel, String... capabilities) {
    return WorkerConfig.of(name, url(), TOKEN, parallel, List.of(capabilities)).withSpool(spool);
  }

  /** Submits a plan without a budget; returns the workflow's id. */
  public String submit(StepSpec... steps) {
    return submit(Budget.UNLIMITED, steps);
  }

  /** Submits a plan; returns the workflow's id. */
  public String submit(Budget budget, StepSpec... steps) {
    return workflows.submit(List.of(steps), budget);
  }

  /** How a workflow stands. */
  public WorkflowStatus status(String workflow) {
    return workflows.status(workflow);
  }

  /** How a step stands. */
  public StepView step(String workflow, String id) {
    return workflows.view(workflow, id);
  }

  /**
   * Waits up to 20 s of real time until a step has a status.
   *
   * @throws IllegalStateException when it does not get there; the message says where it is
   */
  public StepView await(String workflow, String id, StepStatus status) throws InterruptedException {
    return workflows.await(workflow, id, step -> step.status() == status, PATIENCE);
  }

  /** Every attempt's result of a step, with its history. */
  public List<AttemptResult> results(String workflow, String id) {
    return workflows.results(workflow, id);
  }

  /** What a workflow has used, of all attempts. */
  public Usage usage(String workflow) {
    return workflows.usage(workflow);
  }

  /** Every call that came in, as {@code POST /v1/tasks/claims}, in the order in which it did. */
  public List<String> requests() {
    return routes.requests();
  }

  /** The texts that models were shown writing, in the order in which they came. */
  public List<StreamedText> shown() {
    return routes.shown();
  }

  /** Says yes to what a step asks. */
  public void approve(String workflow, String id, String comment) {
    StepView unused = workflows.decide(workflow, id, null, ApprovalDecision.APPROVE, comment);
  }

  /** Says no to what a step asks, which fails. */
  public void reject(String workflow, String id, String comment) {
    StepView unused = workflows.decide(workflow, id, null, ApprovalDecision.REJECT, comment);
  }

  /** Plays an audit that sends a completed step back. */
  public void sendBack(String workflow, String id, String note) {
    workflows.sendBack(workflow, id, note);
  }

  /** Cancels a workflow; running attempts learn of it at their next heartbeat. */
  public void cancel(String workflow) {
    workflows.cancel(workflow);
  }

  /** Moves the clock. */
  public void advance(Duration time) {
    clock.advance(time);
    workflows.clockMoved();
  }

  /** Ends every lease, as if no worker had been heard of for too long. */
  public void loseLeases() {
    advance(LEASE.plusMillis(1));
  }

  /** Answers 503 to everything from now on, or serves again. */
  public void outage(boolean isOut) {
    routes.outage(isOut);
  }

  /** Stops, and removes what its workers have kept. */
  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
    try (Stream<Path> kept = Files.walk(spool)) {
      kept.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      // A worker that closes now removes them itself.
    }
  }
}
