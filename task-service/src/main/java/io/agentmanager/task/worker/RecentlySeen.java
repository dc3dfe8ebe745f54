package io.agentmanager.task.worker;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which callers used which workers' names just now, so that not every call asks the database. */
final class RecentlySeen {
  private static final int MOST = 10_000;
  private final Map<String, Sight> seen = new ConcurrentHashMap<>();
  private final Duration spacing;

  private record Sight(String caller, Instant at) {}

  RecentlySeen(Duration spacing) {
    this.spacing = spacing;
  }

  void note(Caller caller, String worker, Instant now) {
    if (seen.size() > MOST) {
      seen.clear();
    }
    seen.put(key(caller.tenant(), worker), new Sight(caller.name(), now));
  }

  boolean isKnown(Caller caller, String worker, Instant now) {
    Sight last = seen.get(key(caller.tenant(), worker));
    return last != null
        && last.caller().equals(caller.name())
        && now.isBefore(last.at().plus(spacing));
  }

  void forget(TenantId tenant, String worker) {
    seen.remove(key(tenant, worker));
  }

  private static String key(TenantId tenant, String worker) {
    return tenant + "/" + worker;
  }
}
