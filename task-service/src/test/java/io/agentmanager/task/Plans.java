package io.agentmanager.task;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteRequest;
import java.time.Instant;
import java.util.List;

/** Workflows as the planner would hand them over. */
public final class Plans {
  private Plans() {}

  /** Lets the service take over a workflow of the tenant {@code default} without an audit. */
  public static WorkflowKey admit(RunningService service, String id, List<StepSpec> steps) {
    return admit(service, "default", id, steps);
  }

  /** Lets the service take over a workflow of a tenant without an audit. */
  public static WorkflowKey admit(
      RunningService service, String tenant, String id, List<StepSpec> steps) {
    WorkflowKey key = WorkflowKey.of(tenant, id);
    TaskSubmission submission =
        new TaskSubmission(
            "a test", null, null, null, null, null, new AuditPolicy(AuditMode.NONE, 0), null, null);
    service
        .bean(WriteLanes.class)
        .submit(
            new WriteRequest.Adopt(
                key,
                new PlanDocument(
                    tenant, id, submission, steps, null, Usage.NONE, Instant.now(), null)))
        .join();
    return key;
  }

  /** Claims a step of that capability as it is ready, and completes it. */
  public static void complete(RunningService service, String worker, String capability) {
    var task =
        service
            .call(
                0,
                "GET",
                "/v1/tasks/ready?agent_id="
                    + worker
                    + "&client_capabilities="
                    + capability
                    + "&wait=10",
                null)
            .body();
    var answer =
        service.call(
            0,
            "POST",
            "/v1/results",
            java.util.Map.of(
                "workflow_id", task.path("workflow_id").asString(),
                "step_id", task.path("step_id").asString(),
                "client_id", worker,
                "attempt", task.path("attempt").asInt(),
                "status", "completed",
                "ra_history", java.util.Map.of("final_result", "done")));
    if (answer.status() != 200) {
      throw new AssertionError(answer.body().toString());
    }
  }
}
