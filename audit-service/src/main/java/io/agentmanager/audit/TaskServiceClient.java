package io.agentmanager.audit;

import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.contracts.internal.WorkflowPresence;
import io.agentmanager.http.ServiceClient;
import java.util.Optional;

/** Asks the task-service what the steps of a workflow came to. */
public final class TaskServiceClient {
  private final ServiceClient tasks;

  TaskServiceClient(ServiceClient tasks) {
    this.tasks = tasks;
  }

  /** Everything that is held of a workflow. */
  public Optional<WorkflowMaterial> material(WorkflowKey key) {
    return tasks.get(key.tenant(), path(key) + "/material", WorkflowMaterial.class);
  }

  /** Whether there is such a workflow. */
  public boolean exists(WorkflowKey key) {
    return tasks.get(key.tenant(), path(key), WorkflowPresence.class).isPresent();
  }

  private static String path(WorkflowKey key) {
    return "/internal/workflows/"
        + java.net.URLEncoder.encode(
            key.workflow().value(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
