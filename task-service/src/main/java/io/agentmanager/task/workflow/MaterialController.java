package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.contracts.internal.WorkflowPresence;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What audits and syntheses ask for. */
@RestController
class MaterialController {
  private final WorkflowQueries queries;

  private final AdoptWorkflow adopt;

  MaterialController(WorkflowQueries queries, AdoptWorkflow adopt) {
    this.queries = queries;
    this.adopt = adopt;
  }

  @GetMapping("/internal/workflows/{id}")
  WorkflowPresence presence(Caller caller, @PathVariable String id) {
    WorkflowKey key = new WorkflowKey(caller.tenant(), new WorkflowId(id));
    adopt.ensure(key);
    return new WorkflowPresence(id, queries.status(key).orElseThrow());
  }

  @GetMapping("/internal/workflows/{id}/material")
  WorkflowMaterial material(Caller caller, @PathVariable String id) {
    return queries
        .material(new WorkflowKey(caller.tenant(), new WorkflowId(id)))
        .orElseThrow(
            () -> ProblemException.of(ProblemType.NOT_FOUND, "There is no such workflow."));
  }
}
