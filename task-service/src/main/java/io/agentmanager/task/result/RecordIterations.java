package io.agentmanager.task.result;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.worker.Workers;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/** Keeps the live progress of a running attempt, and takes it as a sign of life. */
@Component
class RecordIterations {
  private static final int MOST = 100;
  private static final int LONGEST_TEXT = 100_000;
  private final WriteLanes lanes;
  private final Workers workers;
  private final ShowText text;

  RecordIterations(WriteLanes lanes, Workers workers, ShowText text) {
    this.text = text;
    this.lanes = lanes;
    this.workers = workers;
  }

  /**
   * Records them.
   *
   * @throws ProblemException 403, 404, 409 or 422 as the report deserves
   */
  void record(Caller caller, String workflow, String step, IterationReport report) {
    List<Iteration> iterations = report.iterations() == null ? List.of() : report.iterations();
    List<Problem.Fault> faults = new ArrayList<>();
    ResultRules.require("/client_id", report.clientId(), faults);
    if (report.attempt() == null || report.attempt() < 1) {
      faults.add(new Problem.Fault("/attempt", "must be 1 or more"));
    }
    StreamedText streamed = report.streamed();
    if ((iterations.isEmpty() && streamed == null) || iterations.size() > MOST) {
      faults.add(new Problem.Fault("/iterations", "must hold 1 to 100 iterations"));
    }
    if (streamed != null) {
      checkText(streamed, faults);
    }
    ResultRules.checkIterations("/iterations", iterations, faults);
    String client = report.clientId();
    Integer attempt = report.attempt();
    if (!faults.isEmpty() || client == null || attempt == null) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST.faults("The report is invalid.", faults));
    }
    workers.requireOwner(caller, client);
    TenantId tenant = caller.tenant();
    WorkflowKey key = WorkflowKey.of(tenant.value(), workflow);
    if (streamed != null) {
      text.show(key, new StepId(step), attempt, client, streamed);
    }
    if (iterations.isEmpty()) {
      return;
    }
    WriteReply reply =
        lanes
            .submit(
                new WriteRequest.PostIterations(key, new StepId(step), attempt, client, iterations))
            .join();
    switch (reply) {
      case WriteReply.Done done ->
          workers.heard(tenant, client, new AttemptRef(workflow, step, attempt));
      case WriteReply.Refused refused -> throw Refusals.problem(refused.why());
      case WriteReply.UnknownWorkflow unknown ->
          throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such step.");
      case WriteReply.ResultAccepted other -> throw new IllegalStateException("not a result");
      case WriteReply.OtherResultAccepted other -> throw new IllegalStateException("not a result");
    }
  }

  private static void checkText(StreamedText streamed, List<Problem.Fault> faults) {
    if (streamed.index() < 0) {
      faults.add(new Problem.Fault("/streamed/index", "must be 0 or more"));
    }
    if (streamed.text() == null || streamed.text().length() > LONGEST_TEXT) {
      faults.add(new Problem.Fault("/streamed/text", "must have at most 100000 characters"));
    }
  }
}
