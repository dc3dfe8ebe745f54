package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.event.PlannerClient;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteRequest;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Takes over from the planner what the task-service does not know yet. An event and a question of a
 * user do the same, whoever comes first, and doing it again changes nothing.
 */
@Component
public class AdoptWorkflow {
  private final WorkflowQueries queries;
  private final PlannerClient planner;
  private final WriteLanes lanes;

  AdoptWorkflow(WorkflowQueries queries, PlannerClient planner, WriteLanes lanes) {
    this.queries = queries;
    this.planner = planner;
    this.lanes = lanes;
  }

  /** Takes over the workflow as the planner knows it; false when the planner does not know it. */
  public boolean adopt(WorkflowKey key) {
    Optional<PlanDocument> document = planner.plan(key);
    document.ifPresent(d -> lanes.submit(new WriteRequest.Adopt(key, d)).join());
    return document.isPresent();
  }

  /** Whether the workflow is there and past planning, so that there is nothing to take over. */
  public boolean isPlanned(WorkflowKey key) {
    return queries.isPlanned(key);
  }

  /**
   * Makes sure that the workflow is there.
   *
   * @throws ProblemException 404 when nobody knows it
   */
  void ensure(WorkflowKey key) {
    if (!queries.exists(key) && !adopt(key)) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such workflow.");
    }
  }
}
