package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.ClaimAnswer;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ResultBatch;
import io.agentmanager.contracts.api.StepFinalResult;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.Spans;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** The worker's calls to the gateway, one method a call. Blocking. */
final class GatewayClient {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(15);
  private static final String TRACEPARENT = "traceparent";
  private static final int NO_CONTENT = 204;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int FIRST_ERROR = 400;
  private static final Set<Integer> OUTAGES = Set.of(502, 503, 504);
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build();
  private final WorkerConfig config;
  private final WorkerListener listener;

  /** Tells this process from others under its name. */
  private final String instance = UUID.randomUUID().toString();

  private final Credentials credentials;

  /**
   * Calls for a worker.
   *
   * @param listener is told of every call that was not answered, or could not be served
   */
  GatewayClient(WorkerConfig config, WorkerListener listener) {
    this.config = config;
    this.listener = listener;
    this.credentials =
        new Credentials(config, http, System::nanoTime, Thread.ofVirtual().name("token")::start);
  }

  /** The server answered, and the answer is no. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    private final int status;
    private final boolean ofTheServer;

    /**
     * A refusal.
     *
     * @param problem what the server says of it; null when it came from elsewhere, a proxy perhaps
     */
    Refused(int status, @Nullable Problem problem, String otherwise) {
      super(
          status
              + ": "
              + (problem == null ? otherwise : problem.title() + ": " + problem.detail()));
      this.status = status;
      this.ofTheServer = problem != null;
    }

    /** Whether it is the server's own word. */
    boolean isOfTheServer() {
      return ofTheServer;
    }

    int status() {
      return status;
    }

    /** Whether the token was not taken, or does not allow this. */
    boolean isOfTheToken() {
      return status == UNAUTHORIZED || status == FORBIDDEN;
    }

    /** Whether the same call may succeed later. */
    boolean isPassing() {
      return GatewayClient.isPassing(status);
    }
  }

  /**
   * Whether this says that the server is out for everybody, rather than that it is silent: it
   * answered so, or nobody listens at its port. (A refused connection comes as a {@link
   * ConnectException} without a message from the JDK's client; a connection that timed out as
   * another exception.)
   */
  static boolean isOutage(IOException failure) {
    if (failure instanceof Refused refused) {
      return OUTAGES.contains(refused.status());
    }
    return failure instanceof ConnectException
        && !String.valueOf(failure.getMessage()).contains("unreachable");
  }

  static boolean isPassing(int status) {
    return status == 429 || status >= 500;
  }

  WorkerTerms register(String version) throws IOException, InterruptedException {
    WorkerRegistration registration =
        new WorkerRegistration(config.agentCapabilities(), config.parallel(), instance, version);
    return call("PUT", workerPath(), registration, WorkerTerms.class, ANSWER);
  }

  HeartbeatAnswer heartbeat(List<AttemptRef> running, Duration atMost)
      throws IOException, InterruptedException {
    return call(
        "POST",
        workerPath() + "/heartbeat",
        new Heartbeat(running, instance),
        HeartbeatAnswer.class,
        atMost);
  }

  void leave() throws IOException, InterruptedException {
    call("DELETE", workerPath() + "?instance_id=" + instance, null, Void.class, ANSWER);
  }

  /** Claims steps; what was claimed before under the same id comes again when it is repeated. */
  List<ClaimedTask> claim(int max, String claimId, boolean repeated)
      throws IOException, InterruptedException {
    ClaimRequest request =
        new ClaimRequest(
            config.clientAgentId(),
            config.agentCapabilities(),
            max,
            config.pollSec(),
            claimId,
            repeated);
    // A claim whose token ended while it waited may have got something.
    ClaimRequest again =
        new ClaimRequest(
            request.agentId(),
            request.clientCapabilities(),
            request.max(),
            request.waitSec(),
            request.claimId(),
            true);
    ClaimAnswer answer =
        call(
            "POST",
            "/v1/tasks/claims",
            request,
            again,
            ClaimAnswer.class,
            ANSWER.plusSeconds(config.pollSec()));
    if (answer == null || answer.tasks() == null) {
      throw new IOException("the answer to a claim names no tasks");
    }
    return answer.tasks();
  }

  /** Claims one step by name. */
  ClaimedTask claim(String workflowId, String stepId) throws IOException, InterruptedException {
    return call(
        "POST",
        stepPath(workflowId, stepId) + "/claim",
        new ClaimRequest(
            config.clientAgentId(), config.agentCapabilities(), null, null, null, null),
        ClaimedTask.class,
        ANSWER);
  }

  List<BatchAnswer.Item> post(List<StepResult> results) throws IOException, InterruptedException {
    BatchAnswer answer =
        call("POST", "/v1/results/batch", new ResultBatch(results), BatchAnswer.class, ANSWER);
    if (answer == null
        || answer.results() == null
        || answer.results().size() != results.size()
        || answer.results().stream().anyMatch(Objects::isNull)) {
      throw new IOException("the answer to a batch of results does not name each of them");
    }
    return answer.results();
  }

  void post(ClaimedTask task, List<Iteration> iterations) throws IOException, InterruptedException {
    report(task, new IterationReport(config.clientAgentId(), task.attempt(), iterations, null));
  }

  /** Shows what a model has written so far. */
  void show(ClaimedTask task, int index, String text) throws IOException, InterruptedException {
    report(
        task,
        new IterationReport(
            config.clientAgentId(), task.attempt(), null, new StreamedText(index, text)));
  }

  private void report(ClaimedTask task, IterationReport report)
      throws IOException, InterruptedException {
    call(
        "POST",
        stepPath(task.workflowId(), task.stepId()) + "/iterations",
        report,
        Void.class,
        ANSWER);
  }

  /** The accepted result of a step. */
  StepFinalResult result(String workflowId, String stepId)
      throws IOException, InterruptedException {
    return call(
        "GET", stepPath(workflowId, stepId) + "/result", null, StepFinalResult.class, ANSWER);
  }

  /** Locks a file for a running attempt, waiting as long as the request says. */
  LockAnswer lock(LockRequest request) throws IOException, InterruptedException {
    int wait = request.waitSec() == null ? 0 : request.waitSec();
    return call("POST", "/v1/locks", request, LockAnswer.class, ANSWER.plusSeconds(wait));
  }

  void unlock(String lockId) throws IOException, InterruptedException {
    call("DELETE", "/v1/locks/" + encode(lockId), null, Void.class, ANSWER);
  }

  private static String stepPath(String workflowId, String stepId) {
    return "/v1/workflows/" + encode(workflowId) + "/steps/" + encode(stepId);
  }

  private String workerPath() {
    return "/v1/workers/" + encode(config.clientAgentId());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private <T> T call(
      String method, String path, @Nullable Object body, Class<T> type, Duration atMost)
      throws IOException, InterruptedException {
    return call(method, path, body, body, type, atMost);
  }

  /** Sends the other body where the first one's token was refused. */
  @SuppressWarnings("NullAway") // A call that is answered without a body is asked for Void.
  private <T> T call(
      String method,
      String path,
      @Nullable Object body,
      @Nullable Object again,
      Class<T> type,
      Duration atMost)
      throws IOException, InterruptedException {
    String token = credentials.token();
    HttpResponse<byte[]> response = send(method, path, content(body), token, atMost);
    if (response.statusCode() == UNAUTHORIZED && credentials.wasRefused(token)) {
      response = send(method, path, content(again), credentials.token(), atMost);
    }
    if (isPassing(response.statusCode())) {
      listener.gatewayFailed();
    }
    if (response.statusCode() >= FIRST_ERROR) {
      throw refused(response.statusCode(), response.body());
    }
    if (type == Void.class || response.statusCode() == NO_CONTENT) {
      return null;
    }
    try {
      return WireJson.mapper().readValue(response.body(), type);
    } catch (JacksonException e) {
      throw new IOException("the server's answer cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  private static HttpRequest.BodyPublisher content(@Nullable Object body) {
    return body == null
        ? HttpRequest.BodyPublishers.noBody()
        : HttpRequest.BodyPublishers.ofByteArray(WireJson.mapper().writeValueAsBytes(body));
  }

  private HttpResponse<byte[]> send(
      String method, String path, HttpRequest.BodyPublisher content, String token, Duration atMost)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base() + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .timeout(atMost)
            .method(method, content);
    String place = Spans.place();
    if (place != null) {
      request.header(TRACEPARENT, place);
    }
    try {
      return Answers.within(http, request.build(), atMost);
    } catch (IOException e) {
      listener.gatewayFailed();
      throw e;
    }
  }

  private String base() {
    String url = config.serverUrl().toString();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** What went wrong, in a word for a log. */
  static String describe(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static Refused refused(int status, byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    try {
      Problem problem = WireJson.mapper().readValue(body, Problem.class);
      boolean isOne = problem != null && problem.title() != null;
      return new Refused(status, isOne ? problem : null, text);
    } catch (JacksonException e) {
      return new Refused(status, null, text);
    }
  }
}
