package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.CancelRequest;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.StepFinalResult;
import io.agentmanager.contracts.api.StepResults;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowPage;
import io.agentmanager.contracts.api.WorkflowResult;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.api.WorkflowView;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Workflows over HTTP: what they are, what they came to, and cancelling one. */
@RestController
@RequestMapping("/v1/workflows")
class WorkflowController {
  private static final int LONGEST_REASON = 1000;
  private final WorkflowQueries queries;
  private final AdoptWorkflow adopt;
  private final WriteLanes lanes;

  WorkflowController(WorkflowQueries queries, AdoptWorkflow adopt, WriteLanes lanes) {
    this.queries = queries;
    this.adopt = adopt;
    this.lanes = lanes;
  }

  @GetMapping
  WorkflowPage list(Caller caller, @RequestParam MultiValueMap<String, String> query) {
    WorkflowQueries.Filter filter = WorkflowFilters.parse(query);
    List<WorkflowView> found = queries.page(caller.tenant(), filter);
    return new WorkflowPage(
        found.stream().limit(filter.limit()).toList(),
        WorkflowFilters.nextCursor(found, filter.limit()));
  }

  @GetMapping("/{id}")
  WorkflowView view(Caller caller, @PathVariable String id) {
    return known(key(caller, id));
  }

  @GetMapping("/{id}/result")
  WorkflowResult result(Caller caller, @PathVariable String id) {
    WorkflowKey key = key(caller, id);
    WorkflowView view = known(key);
    if (!view.status().isFinished()) {
      throw ProblemException.of(ProblemType.NOT_FINISHED, "The workflow is " + view.status() + ".");
    }
    List<String> sources = queries.sources(key);
    return new WorkflowResult(
        id,
        view.status(),
        partial(view),
        view.error(),
        sources.isEmpty() ? SinkResults.ids(tasks(view)) : sources);
  }

  @GetMapping("/{id}/steps/{step}/results")
  StepResults results(Caller caller, @PathVariable String id, @PathVariable String step) {
    StepKey key = step(caller, id, step);
    return new StepResults(id, step, queries.results(key));
  }

  @GetMapping("/{id}/steps/{step}/result")
  StepFinalResult finalResult(Caller caller, @PathVariable String id, @PathVariable String step) {
    StepKey key = step(caller, id, step);
    if (caller.isOnlyWorker() && !queries.isNeededBy(caller.name(), key)) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such step.");
    }
    WorkflowQueries.StepRow row =
        queries
            .step(key)
            .orElseThrow(() -> ProblemException.of(ProblemType.NOT_FOUND, "No such step."));
    if (row.status() != StepStatus.COMPLETED || row.finalResult() == null) {
      throw ProblemException.of(ProblemType.NOT_FINISHED, "The step is " + row.status() + ".");
    }
    return new StepFinalResult(id, step, row.attempt(), row.finalResult());
  }

  @PostMapping("/{id}/cancel")
  ResponseEntity<WorkflowView> cancel(
      Caller caller,
      @PathVariable String id,
      @RequestBody(required = false) byte @Nullable [] body) {
    String reason =
        body == null || body.length == 0 ? null : JsonBody.read(body, CancelRequest.class).reason();
    if (reason != null && reason.length() > LONGEST_REASON) {
      throw ProblemException.invalid("/reason", "must have at most 1000 characters");
    }
    WorkflowKey key = key(caller, id);
    adopt.ensure(key);
    WriteReply reply =
        lanes
            .submit(
                WriteRequest.Apply.of(
                    key, new Command.Cancel(reason == null ? "cancelled on request" : reason)))
            .join();
    if (reply instanceof WriteReply.Refused refused) {
      throw ProblemException.of(ProblemType.CONFLICT, refused.why().detail());
    }
    return ResponseEntity.accepted().body(known(key));
  }

  private WorkflowView known(WorkflowKey key) {
    adopt.ensure(key);
    return queries
        .view(key)
        .orElseThrow(() -> ProblemException.of(ProblemType.NOT_FOUND, "No such workflow."));
  }

  private StepKey step(Caller caller, String id, String step) {
    WorkflowKey workflow = key(caller, id);
    adopt.ensure(workflow);
    StepKey key = new StepKey(workflow, new StepId(step));
    if (!queries.stepExists(key)) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such step.");
    }
    return key;
  }

  /** For a workflow that did not complete: what its last steps came to all the same. */
  private static @Nullable String partial(WorkflowView view) {
    return view.status() == WorkflowStatus.COMPLETED
        ? view.result()
        : SinkResults.join(tasks(view));
  }

  private static List<io.agentmanager.contracts.api.StepView> tasks(WorkflowView view) {
    return view.tasks() == null ? List.of() : view.tasks();
  }

  private static WorkflowKey key(Caller caller, String id) {
    return new WorkflowKey(caller.tenant(), new WorkflowId(id));
  }
}
