package io.agentmanager.task.worker;

import io.agentmanager.contracts.id.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps signs of life from becoming a write each: one a second and worker is enough. */
final class RecentlySeen {
  private static final int MOST = 10_000;
  private final Map<String, Instant> seen = new ConcurrentHashMap<>();
  private final Duration spacing;

  RecentlySeen(Duration spacing) {
    this.spacing = spacing;
  }

  void note(TenantId tenant, String worker, Instant now) {
    if (seen.size() > MOST) {
      seen.clear();
    }
    seen.put(tenant + "/" + worker, now);
  }

  boolean isKnown(TenantId tenant, String worker, Instant now) {
    Instant last = seen.get(tenant + "/" + worker);
    return last != null && now.isBefore(last.plus(spacing));
  }

  void forget(TenantId tenant, String worker) {
    seen.remove(tenant + "/" + worker);
  }
}
