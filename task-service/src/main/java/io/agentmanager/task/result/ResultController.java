package io.agentmanager.task.result;

import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.http.BatchRefusals;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** What workers post. */
@RestController
class ResultController {
  private static final int MOST_RESULTS = 100;
  private final AcceptResults results;
  private final RecordIterations iterations;

  ResultController(AcceptResults results, RecordIterations iterations) {
    this.results = results;
    this.iterations = iterations;
  }

  @PostMapping("/v1/results")
  Mono<ResultAnswer> one(Caller caller, @RequestBody(required = false) byte @Nullable [] body) {
    StepResult result = JsonBody.read(body, StepResult.class);
    return Mono.fromFuture(results.accept(caller, result));
  }

  @PostMapping("/v1/results/batch")
  Mono<ResponseEntity<BatchAnswer>> many(
      Caller caller, @RequestBody(required = false) byte @Nullable [] body) {
    List<JsonNode> batch = JsonBody.items(body, "results");
    if (batch.isEmpty() || batch.size() > MOST_RESULTS) {
      throw ProblemException.invalid("/results", "must hold 1 to 100 results");
    }
    return Mono.fromFuture(results.acceptAll(caller, batch)).map(ResultController::answer);
  }

  private static ResponseEntity<BatchAnswer> answer(BatchAnswer answer) {
    List<Integer> statuses = answer.results().stream().map(BatchAnswer.Item::status).toList();
    return ResponseEntity.ok()
        .headers(headers -> BatchRefusals.tell(headers, statuses))
        .body(answer);
  }

  @PostMapping("/v1/workflows/{id}/steps/{step}/iterations")
  ResponseEntity<Void> iterations(
      Caller caller,
      @PathVariable String id,
      @PathVariable String step,
      @RequestBody(required = false) byte @Nullable [] body) {
    iterations.record(caller, id, step, JsonBody.read(body, IterationReport.class));
    return ResponseEntity.accepted().build();
  }
}
