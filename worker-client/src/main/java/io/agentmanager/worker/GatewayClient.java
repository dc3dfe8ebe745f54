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
import io.agentmanager.contracts.api.ResultBatch;
import io.agentmanager.contracts.api.StepFinalResult;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The worker's calls to the gateway, one method a call. Blocking. */
final class GatewayClient {
  private static final Duration ANSWER = Duration.ofSeconds(15);
  private final WorkerConfig config;
  private final GatewayCalls calls;

  /** Tells this process from others under its name. */
  private final String instance = UUID.randomUUID().toString();

  /**
   * Calls for a worker.
   *
   * @param listener is told of every call that was not answered, or could not be served
   */
  GatewayClient(WorkerConfig config, WorkerListener listener) {
    this.config = config;
    this.calls = new GatewayCalls(config, listener);
  }

  WorkerTerms register(String version) throws IOException, InterruptedException {
    WorkerRegistration registration =
        new WorkerRegistration(config.agentCapabilities(), config.parallel(), instance, version);
    return calls.call("PUT", workerPath(), registration, WorkerTerms.class, ANSWER);
  }

  HeartbeatAnswer heartbeat(List<AttemptRef> running, Duration atMost)
      throws IOException, InterruptedException {
    return calls.call(
        "POST",
        workerPath() + "/heartbeat",
        new Heartbeat(running, instance),
        HeartbeatAnswer.class,
        atMost);
  }

  void leave() throws IOException, InterruptedException {
    calls.call("DELETE", workerPath() + "?instance_id=" + instance, null, Void.class, ANSWER);
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
        calls.call(
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
    return calls.call(
        "POST",
        stepPath(workflowId, stepId) + "/claim",
        new ClaimRequest(
            config.clientAgentId(), config.agentCapabilities(), null, null, null, null),
        ClaimedTask.class,
        ANSWER);
  }

  List<BatchAnswer.Item> post(List<StepResult> results) throws IOException, InterruptedException {
    BatchAnswer answer =
        calls.call(
            "POST", "/v1/results/batch", new ResultBatch(results), BatchAnswer.class, ANSWER);
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
    calls.call(
        "POST",
        stepPath(task.workflowId(), task.stepId()) + "/iterations",
        report,
        Void.class,
        ANSWER);
  }

  /** The accepted result of a step. */
  StepFinalResult result(String workflowId, String stepId)
      throws IOException, InterruptedException {
    return calls.call(
        "GET", stepPath(workflowId, stepId) + "/result", null, StepFinalResult.class, ANSWER);
  }

  /** Locks a file for a running attempt, waiting as long as the request says. */
  LockAnswer lock(LockRequest request) throws IOException, InterruptedException {
    int wait = request.waitSec() == null ? 0 : request.waitSec();
    return calls.call("POST", "/v1/locks", request, LockAnswer.class, ANSWER.plusSeconds(wait));
  }

  void unlock(String lockId) throws IOException, InterruptedException {
    calls.call("DELETE", "/v1/locks/" + encode(lockId), null, Void.class, ANSWER);
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
}
