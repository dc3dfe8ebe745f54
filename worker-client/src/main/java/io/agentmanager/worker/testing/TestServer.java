package io.agentmanager.worker.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.api.ApprovalAnswer;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.AttemptResult;
import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimAnswer;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.ResultBatch;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepResults;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * AgentManager's side of the wire for tests of workers, in memory and over HTTP on the loopback
 * address: it hands out the steps of explicit plans, with attempts, leases, checkpoints, approvals
 * and cancellation as the real server does. It passes the same tests as that one does. It neither
 * plans nor audits, lets nobody wait for a retry or a lock, and knows no priorities, deadlines and
 * {@code on_failure}; {@link #sendBack} plays an audit. Its clock stands still until a test moves
 * it: nothing is lost because a test is slow.
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
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String TOKEN = "test-token";
  private static final int NO_CONTENT = 204;
  private static final int ACCEPTED = 202;
  private static final int CREATED = 201;
  private static final int OK = 200;
  private final SettableClock clock = new SettableClock(START);
  private final MemoryWorkflows workflows = new MemoryWorkflows(clock, LEASE);
  private final MemoryLocks locks = new MemoryLocks();
  private final List<StreamedText> shown = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer http;
  private volatile boolean out;

  private TestServer(HttpServer http) {
    this.http = http;
  }

  /** Starts one at a free port. */
  public static TestServer start() {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      TestServer server = new TestServer(http);
      http.setExecutor(server.threads);
      http.createContext("/", server::serve);
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

  /** A configuration of a worker of this server. */
  public WorkerConfig config(String name, int parallel, String... capabilities) {
    return WorkerConfig.of(name, url(), TOKEN, parallel, List.of(capabilities));
  }

  /** Submits a plan without a budget; returns the workflow's id. */
  public String submit(StepSpec... steps) {
    return submit(Budget.UNLIMITED, steps);
  }

  /** Submits a plan; returns the workflow's id. */
  public String submit(Budget budget, StepSpec... steps) {
    requireWhole(List.of(steps));
    return workflows.submit(List.of(steps), budget);
  }

  private static void requireWhole(List<StepSpec> steps) {
    Set<String> before = new HashSet<>();
    for (StepSpec step : steps) {
      for (String dependency : step.dependencyList()) {
        if (!before.contains(dependency)) {
          throw new IllegalArgumentException(
              "step " + step.stepId() + " depends on " + dependency + ", which is not before it");
        }
      }
      if (!before.add(step.stepId())) {
        throw new IllegalArgumentException("two steps are named " + step.stepId());
      }
    }
  }

  /** How a workflow stands. */
  public WorkflowStatus status(String workflow) {
    return workflows.status(workflow);
  }

  /** How a step stands. */
  public StepView step(String workflow, String id) {
    return workflows.views(workflow).stream()
        .filter(step -> step.stepId().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no step " + id));
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

  /** The texts that models were shown writing, in the order in which they came. */
  public List<StreamedText> shown() {
    return List.copyOf(shown);
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
    out = isOut;
  }

  /** Stops. */
  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply;
      try {
        reply = reply(exchange);
      } catch (MemoryWorkflows.Refused e) {
        reply = problem(e.type(), e.getMessage());
      } catch (JacksonException e) {
        reply = problem(ProblemType.MALFORMED_REQUEST, e.getOriginalMessage());
      } catch (InterruptedException e) {
        reply = problem(ProblemType.UNAVAILABLE, "The server stops.");
      } catch (RuntimeException e) {
        reply = problem(ProblemType.INTERNAL, "The test server failed: " + e);
      }
      send(exchange, reply);
    }
  }

  private record Reply(int status, @Nullable Object body) {
    static Reply ok(Object body) {
      return new Reply(OK, body);
    }
  }

  private static Reply problem(ProblemType type, @Nullable String detail) {
    return new Reply(type.status(), type.detail(detail));
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    if (reply.body() == null) {
      exchange.sendResponseHeaders(reply.status(), -1);
      return;
    }
    byte[] json = WireJson.mapper().writeValueAsBytes(reply.body());
    exchange
        .getResponseHeaders()
        .set(
            "Content-Type",
            reply.body() instanceof Problem ? "application/problem+json" : "application/json");
    exchange.sendResponseHeaders(reply.status(), json.length);
    exchange.getResponseBody().write(json);
  }

  private Reply reply(HttpExchange exchange) throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (out) {
      return problem(ProblemType.UNAVAILABLE, "The test server plays an outage.");
    }
    if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return problem(ProblemType.UNAUTHORIZED, "The token is not the test server's.");
    }
    List<String> path =
        Arrays.stream(exchange.getRequestURI().getRawPath().substring(1).split("/", -1))
            .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
            .toList();
    return switch (path.size() > 1 && path.getFirst().equals("v1") ? path.get(1) : "") {
      case "workers" -> worker(exchange.getRequestMethod(), path, body);
      case "tasks" -> tasks(path, body);
      case "results" -> results(path, body);
      case "locks" -> locks(exchange.getRequestMethod(), path, body);
      case "workflows" -> workflow(exchange.getRequestMethod(), path, body);
      default -> problem(ProblemType.NOT_FOUND, "The test server does not serve that.");
    };
  }

  private Reply worker(String method, List<String> path, byte[] body) {
    String name = path.get(2);
    if (path.size() > 3) {
      return Reply.ok(workflows.heartbeat(name, read(body, Heartbeat.class)));
    }
    if (method.equals("DELETE")) {
      workflows.leave(name);
      return new Reply(NO_CONTENT, null);
    }
    workflows.register(name, read(body, WorkerRegistration.class));
    int lease = workflows.leaseSec();
    return Reply.ok(new WorkerTerms(Math.max(1, lease / 3), lease));
  }

  private Reply tasks(List<String> path, byte[] body) throws InterruptedException {
    if (path.size() > 2) {
      return Reply.ok(new ClaimAnswer(workflows.claim(read(body, ClaimRequest.class))));
    }
    TaskSubmission submission = read(body, TaskSubmission.class);
    if (submission.tasks() == null) {
      return problem(ProblemType.INVALID_REQUEST, "The test server takes explicit plans alone.");
    }
    String id = workflows.submit(submission.tasks(), submission.effectiveBudget());
    return new Reply(CREATED, view(id));
  }

  private Reply results(List<String> path, byte[] body) {
    if (path.size() == 2) {
      return Reply.ok(workflows.accept(read(body, StepResult.class)));
    }
    return Reply.ok(
        new BatchAnswer(
            read(body, ResultBatch.class).results().stream().map(this::judge).toList()));
  }

  private BatchAnswer.Item judge(StepResult result) {
    try {
      ResultAnswer answer = workflows.accept(result);
      return new BatchAnswer.Item(
          answer.workflowId(),
          answer.stepId(),
          answer.attempt(),
          OK,
          answer.success(),
          answer.workflowStatus(),
          answer.nextAction(),
          null);
    } catch (MemoryWorkflows.Refused e) {
      return new BatchAnswer.Item(
          result.workflowId(),
          result.stepId(),
          result.attempt(),
          e.type().status(),
          null,
          null,
          null,
          e.type().detail(e.getMessage()));
    }
  }

  private Reply locks(String method, List<String> path, byte[] body) {
    if (method.equals("DELETE")) {
      locks.letGo(path.get(2));
      return new Reply(NO_CONTENT, null);
    }
    return new Reply(
        CREATED,
        locks.take(read(body, LockRequest.class), clock.instant().plus(LEASE), this::isRunning));
  }

  private boolean isRunning(AttemptRef ref) {
    StepView step = step(ref.workflowId(), ref.stepId());
    return step.status() == StepStatus.IN_PROGRESS && step.attempt() == ref.attempt();
  }

  private Reply workflow(String method, List<String> path, byte[] body) {
    String id = path.get(2);
    if (path.size() == 3) {
      return Reply.ok(view(id));
    }
    if (path.get(3).equals("cancel")) {
      workflows.cancel(id);
      return new Reply(ACCEPTED, view(id));
    }
    String step = path.get(4);
    return switch (method + " " + path.get(5)) {
      case "POST claim" -> Reply.ok(workflows.claim(id, step, read(body, ClaimRequest.class)));
      case "POST iterations" -> {
        IterationReport report = read(body, IterationReport.class);
        workflows.record(id, step, report);
        if (report.streamed() != null) {
          shown.add(report.streamed());
        }
        yield new Reply(ACCEPTED, null);
      }
      case "POST approval" -> {
        ApprovalAnswer answer = read(body, ApprovalAnswer.class);
        yield answer.decision() == null
            ? problem(ProblemType.INVALID_REQUEST, "decision must be approve or reject")
            : Reply.ok(
                workflows.decide(id, step, answer.attempt(), answer.decision(), answer.comment()));
      }
      case "GET result" -> Reply.ok(workflows.result(id, step));
      case "GET results" -> Reply.ok(new StepResults(id, step, workflows.results(id, step)));
      default -> problem(ProblemType.NOT_FOUND, "The test server does not serve that.");
    };
  }

  /** The part of a workflow's view that the server in memory knows. */
  private Map<String, Object> view(String id) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("workflow_id", id);
    view.put("status", workflows.status(id));
    view.put("tasks", new ArrayList<>(workflows.views(id)));
    view.put("usage", workflows.usage(id));
    return view;
  }

  private static <T> T read(byte[] body, Class<T> type) {
    return Objects.requireNonNull(WireJson.mapper().readValue(body, type));
  }
}
