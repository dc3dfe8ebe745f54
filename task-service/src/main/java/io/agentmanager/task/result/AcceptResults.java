package io.agentmanager.task.result;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.FailureProblems;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.worker.Workers;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.JsonNode;

/** Takes workers' results to the lanes and turns the replies into answers. */
@Component
class AcceptResults {
  private final WriteLanes lanes;
  private final Workers workers;
  private final Scheduler blocking;

  AcceptResults(WriteLanes lanes, Workers workers, Scheduler blocking) {
    this.lanes = lanes;
    this.workers = workers;
    this.blocking = blocking;
  }

  /** Completes with the answer, or fails with a {@link ProblemException}. */
  CompletableFuture<ResultAnswer> accept(Caller caller, StepResult result) {
    Optional<Problem> problem = ResultRules.problem(result);
    if (problem.isPresent()) {
      return CompletableFuture.failedFuture(new ProblemException(problem.get()));
    }
    String worker = Objects.requireNonNull(result.clientId());
    return foreign(caller, Set.of(worker))
        .thenCompose(foreign -> submit(caller.tenant(), result, foreign));
  }

  private CompletableFuture<ResultAnswer> submit(
      TenantId tenant, StepResult result, Map<String, ProblemException> foreign) {
    ProblemException refused = foreign.get(result.clientId());
    if (refused != null) {
      return CompletableFuture.failedFuture(refused);
    }
    WorkflowKey key = WorkflowKey.of(tenant.value(), result.workflowId());
    return lanes.submit(new WriteRequest.PostResult(key, result)).thenApply(AcceptResults::answer);
  }

  /**
   * Which of these workers are not the caller's, and what to say of that. Most were heard of just
   * now; only for others the database is asked.
   */
  private CompletableFuture<Map<String, ProblemException>> foreign(
      Caller caller, Set<String> names) {
    Set<String> asked = new TreeSet<>(names);
    asked.removeIf(name -> workers.isKnownOwner(caller, name));
    return asked.isEmpty()
        ? CompletableFuture.completedFuture(Map.of())
        : Mono.fromCallable(() -> refusals(caller, asked)).subscribeOn(blocking).toFuture();
  }

  private Map<String, ProblemException> refusals(Caller caller, Set<String> names) {
    Map<String, ProblemException> refusals = new HashMap<>();
    for (String name : names) {
      try {
        workers.requireOwner(caller, name);
      } catch (ProblemException e) {
        refusals.put(name, e);
      }
    }
    return refusals;
  }

  /** Judges each alone, in the order sent. */
  CompletableFuture<BatchAnswer> acceptAll(Caller caller, List<JsonNode> batch) {
    Set<String> names =
        batch.stream()
            .map(json -> json.path("client_id").asString(""))
            .collect(Collectors.toUnmodifiableSet());
    return foreign(caller, names).thenCompose(foreign -> all(caller.tenant(), batch, foreign));
  }

  private CompletableFuture<BatchAnswer> all(
      TenantId tenant, List<JsonNode> batch, Map<String, ProblemException> foreign) {
    List<CompletableFuture<BatchAnswer.Item>> items =
        batch.stream().map(json -> item(tenant, json, foreign)).toList();
    return CompletableFuture.allOf(items.toArray(CompletableFuture[]::new))
        .thenApply(done -> new BatchAnswer(items.stream().map(CompletableFuture::join).toList()));
  }

  private CompletableFuture<BatchAnswer.Item> item(
      TenantId tenant, JsonNode json, Map<String, ProblemException> foreign) {
    return submit(tenant, json, foreign)
        .handle(
            (answer, failure) ->
                answer == null ? refused(json, failure) : BatchAnswer.Item.accepted(answer));
  }

  private CompletableFuture<ResultAnswer> submit(
      TenantId tenant, JsonNode json, Map<String, ProblemException> foreign) {
    try {
      StepResult result = JsonBody.convert(json, StepResult.class);
      Optional<Problem> problem = ResultRules.problem(result);
      return problem.isPresent()
          ? CompletableFuture.failedFuture(new ProblemException(problem.get()))
          : submit(tenant, result, foreign);
    } catch (RuntimeException e) {
      // One that cannot be judged keeps the others from nothing.
      return CompletableFuture.failedFuture(e);
    }
  }

  private static BatchAnswer.Item refused(JsonNode json, @Nullable Throwable failure) {
    return BatchAnswer.Item.refused(
        new AttemptRef(
            json.path("workflow_id").asString(""),
            json.path("step_id").asString(""),
            json.path("attempt").asInt(0)),
        FailureProblems.of(
            failure == null ? new IllegalStateException("no answer") : failure, "of a batch"));
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
