package io.agentmanager.planner;

import io.agentmanager.contracts.api.WorkerList;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.DayState;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.http.ServiceClient;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Asks the task-service who works and what steps came to, and brings it plans. */
public final class TaskServiceClient {
  private final ServiceClient tasks;

  TaskServiceClient(ServiceClient tasks) {
    this.tasks = tasks;
  }

  /** The capabilities of the workers that are there. */
  public SortedSet<String> capabilities(TenantId tenant) {
    SortedSet<String> capabilities = new TreeSet<>();
    tasks.get(tenant, "/v1/workers", WorkerList.class).stream()
        .flatMap(list -> list.workers().stream())
        .filter(worker -> worker.status().equals("active"))
        .forEach(worker -> capabilities.addAll(worker.agentCapabilities()));
    return capabilities;
  }

  /** Everything that is held of a workflow. */
  public Optional<WorkflowMaterial> material(WorkflowKey key) {
    return tasks.get(
        key.tenant(),
        "/internal/workflows/" + key.workflow() + "/material",
        WorkflowMaterial.class);
  }

  /** Whether a tenant's models have used up the day. */
  public boolean isDaySpent(TenantId tenant) {
    return tasks.get(tenant, "/internal/day", DayState.class).map(DayState::spent).orElse(false);
  }

  /** Brings plans of a tenant, and returns when they are taken over. */
  public void bring(TenantId tenant, List<PlanDocument> documents) {
    tasks.post(tenant, "/internal/workflows", documents);
  }
}
