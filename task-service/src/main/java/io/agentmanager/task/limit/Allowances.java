package io.agentmanager.task.limit;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.http.TenantLimits;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * How many steps tenants may have handed out now: no more at a time than their limit, and none once
 * their models have used up the day. Of tenants without such limits the database is asked nothing.
 */
@Component
public class Allowances {
  private final LimitSettings limits;
  private final UsageStore store;

  /** Asks the database only of tenants that have limits. */
  public Allowances(LimitSettings limits, UsageStore store) {
    this.limits = limits;
    this.store = store;
  }

  /** Whether a tenant's claims have to ask. */
  public boolean isLimited(TenantId tenant) {
    return limits.of(tenant).limitsClaims();
  }

  /**
   * The room that limited tenants have. Call it within the transaction that hands steps out, before
   * it locks any: until that ends, nobody else hands out steps of these tenants.
   */
  public Map<TenantId, Integer> rooms(Collection<TenantId> tenants, Instant now) {
    List<TenantId> limited = tenants.stream().distinct().filter(this::isLimited).toList();
    store.lockClaims(limited.stream().filter(this::isLimitedAtATime).toList());
    Map<TenantId, Integer> rooms = new HashMap<>();
    limited.forEach(tenant -> rooms.put(tenant, room(tenant, now)));
    return rooms;
  }

  /** Whether a tenant may have only so many steps at a time. */
  public boolean isLimitedAtATime(TenantId tenant) {
    return limits.of(tenant).parallelSteps() != null;
  }

  /**
   * Whether there is room for one more step now. Call it within the transaction that hands it out.
   * It waits for nobody: where somebody else claims for the tenant, there is none now.
   */
  public boolean hasRoomForOne(TenantId tenant, Instant now) {
    if (!isLimited(tenant)) {
      return true;
    }
    return (!isLimitedAtATime(tenant) || store.tryLockClaims(tenant)) && room(tenant, now) > 0;
  }

  private int room(TenantId tenant, Instant now) {
    TenantLimits limit = limits.of(tenant);
    if (isSpent(tenant, now)) {
      return 0;
    }
    return limit.parallelSteps() == null
        ? Integer.MAX_VALUE
        : limit.parallelSteps() - store.running(tenant, limit.parallelSteps());
  }

  /** Whether a tenant's models have used up the day. */
  public boolean isSpent(TenantId tenant, Instant now) {
    TenantLimits limit = limits.of(tenant);
    if (!limit.hasDailyLimit()) {
      return false;
    }
    UsageStore.OfDay used = store.of(tenant, LocalDate.ofInstant(now, ZoneOffset.UTC));
    return (limit.tokensPerDay() != null && used.tokens() >= limit.tokensPerDay())
        || (limit.costUsdPerDay() != null && used.costUsd() >= limit.costUsdPerDay());
  }
}
