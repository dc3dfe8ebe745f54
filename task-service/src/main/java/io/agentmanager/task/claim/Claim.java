package io.agentmanager.task.claim;

import io.agentmanager.contracts.id.TenantId;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A worker's wish for steps.
 *
 * @param max how many at most
 * @param until how long it waits for the first
 * @param claimId repeats get the same steps again
 * @param mayHold whether something may be held under the id already
 */
record Claim(
    TenantId tenant,
    String worker,
    Set<String> capabilities,
    int max,
    Instant until,
    @Nullable String claimId,
    boolean mayHold) {

  /** The same claim after something was meant for it, which it may hold. */
  Claim repeated() {
    return new Claim(tenant, worker, capabilities, max, until, claimId, claimId != null);
  }

  /** Claims that look for the same steps are served by one query. */
  Group group() {
    return new Group(tenant, capabilities);
  }

  /** Whose steps, of which capabilities. */
  record Group(TenantId tenant, Set<String> capabilities) {}
}
