package io.agentmanager.task.result;

import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.FailureProblems;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Takes workers' results to the lanes and turns the replies into answers. */
@Component
class AcceptResults {
  private static final int OK = 200;
  private final WriteLanes lanes;

  AcceptResults(WriteLanes lanes) {
    this.lanes = lanes;
  }

  /** Completes with the answer, or fails with a {@link ProblemException}. */
  CompletableFuture<ResultAnswer> accept(TenantId tenant, StepResult result) {
    Optional<Problem> problem = ResultRules.problem(result);
    if (problem.isPresent()) {
      return CompletableFuture.failedFuture(new ProblemException(problem.get()));
    }
    WorkflowKey key = WorkflowKey.of(tenant.value(), result.workflowId());
    return lanes.submit(new WriteRequest.PostResult(key, result)).thenApply(AcceptResults::answer);
  }

  /** Judges each alone, in the order sent. */
  CompletableFuture<BatchAnswer> acceptAll(TenantId tenant, List<JsonNode> batch) {
    List<CompletableFuture<BatchAnswer.Item>> items =
        batch.stream().map(json -> item(tenant, json)).toList();
    return CompletableFuture.allOf(items.toArray(CompletableFuture[]::new))
        .thenApply(done -> new BatchAnswer(items.stream().map(CompletableFuture::join).toList()));
  }

  private CompletableFuture<BatchAnswer.Item> item(TenantId tenant, JsonNode json) {
    return submit(tenant, json)
        .handle((answer, failure) -> answer == null ? refused(json, failure) : accepted(answer));
  }

  private CompletableFuture<ResultAnswer> submit(TenantId tenant, JsonNode json) {
    try {
      return accept(tenant, JsonBody.convert(json, StepResult.class));
    } catch (ProblemException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static BatchAnswer.Item accepted(ResultAnswer answer) {
    return new BatchAnswer.Item(
        answer.workflowId(),
        answer.stepId(),
        answer.attempt(),
        OK,
        answer.success(),
        answer.workflowStatus(),
        answer.nextAction(),
        null);
  }

  private static BatchAnswer.Item refused(JsonNode json, @Nullable Throwable failure) {
    Problem problem =
        FailureProblems.of(
            failure == null ? new IllegalStateException("no answer") : failure, "of a batch");
    return new BatchAnswer.Item(
        json.path("workflow_id").asString(""),
        json.path("step_id").asString(""),
        json.path("attempt").asInt(0),
        problem.status(),
        null,
        null,
        null,
        problem);
  }

  private static ResultAnswer answer(WriteReply reply) {
    return switch (reply) {
      case WriteReply.ResultAccepted accepted -> accepted.answer();
      case WriteReply.OtherResultAccepted other ->
          throw ProblemException.of(
              ProblemType.RESULT_CONFLICT, "The attempt has another result already.");
      case WriteReply.UnknownWorkflow unknown ->
          throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such workflow.");
      case WriteReply.Refused refused -> throw Refusals.problem(refused.why());
      case WriteReply.Done done -> throw new IllegalStateException("a result without an answer");
    };
  }
}
