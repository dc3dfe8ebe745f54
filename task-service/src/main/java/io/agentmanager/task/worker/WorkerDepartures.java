package io.agentmanager.task.worker;

import io.agentmanager.contracts.id.TenantId;

/** Hears of workers that leave. */
public interface WorkerDepartures {
  /** The worker wants nothing more. */
  void left(TenantId tenant, String worker);
}
