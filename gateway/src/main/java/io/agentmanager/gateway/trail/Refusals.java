package io.agentmanager.gateway.trail;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers refusals: the first of a kind is told at once, and those that repeat it within a minute
 * share one entry, so that whoever hammers at the door does not fill the trail. Where a tenant's
 * callers make up kinds faster than {@value #A_SECOND} a second, or strangers faster than {@value
 * #OF_STRANGERS_A_SECOND}, only the number of the others is told, in an entry of that tenant alone.
 */
final class Refusals {
  /** What an entry is called that tells a number and no more. */
  static final String UNTOLD = "refusals.untold";

  private static final Duration GATHERED = Duration.ofMinutes(1);
  private static final int MOST_KINDS = 10_000;
  private static final int MOST_TENANTS = 10_000;
  private static final int AT_ONCE = 500;
  private static final int A_SECOND = 20;
  private static final int OF_STRANGERS_A_SECOND = 2;
  private final Consumer<TrailEvent> tell;
  private final Ticker ticker;
  private final Cache<Kind, More> recent;
  private final Cache<TenantId, Budget> budgets;

  Refusals(Consumer<TrailEvent> tell, Ticker ticker) {
    this.tell = tell;
    this.ticker = ticker;
    this.recent =
        Caffeine.newBuilder()
            .expireAfterWrite(GATHERED)
            .maximumSize(MOST_KINDS)
            .ticker(ticker)
            .scheduler(Scheduler.systemScheduler())
            .executor(Runnable::run)
            .<Kind, More>removalListener((kind, more, cause) -> over(more, cause))
            .build();
    this.budgets =
        Caffeine.newBuilder()
            .expireAfterAccess(GATHERED)
            .maximumSize(MOST_TENANTS)
            .ticker(ticker)
            .scheduler(Scheduler.systemScheduler())
            .executor(Runnable::run)
            .<TenantId, Budget>removalListener((tenant, budget, cause) -> over(budget))
            .build();
  }

  /** Refusals that are alike but for what they were about. */
  private record Kind(
      TenantId tenant, @Nullable String actor, String action, int status, String origin) {}

  /** The last one, and how many came after the first. */
  private static final class More {
    private final AtomicInteger count = new AtomicInteger();
    private volatile TrailEvent last;

    More(TrailEvent first) {
      this.last = first;
    }
  }

  /** What a tenant may have told, and what it could not; guarded by itself. */
  private static final class Budget {
    private final Bucket left;
    private long restTold;
    private int untold;
    private @Nullable TrailEvent last;

    Budget(TenantId tenant, long now) {
      this.restTold = now;
      int refill = tenant.equals(TrailEvent.NOBODYS) ? OF_STRANGERS_A_SECOND : A_SECOND;
      this.left =
          Bucket.builder()
              .addLimit(
                  limit -> limit.capacity(AT_ONCE).refillGreedy(refill, Duration.ofSeconds(1)))
              .build();
    }

    /** Once a minute: a number for each entry that is told would be as many again. */
    synchronized boolean isRestDue(long now) {
      boolean due = now - restTold >= GATHERED.toNanos();
      restTold = due ? now : restTold;
      return due;
    }

    synchronized boolean take(TrailEvent refusal) {
      boolean taken = left.tryConsume(1);
      if (!taken) {
        untold += refusal.count();
        last = refusal;
      }
      return taken;
    }

    /** The number of what was not told since this was asked last; null when all was. */
    synchronized @Nullable TrailEvent rest() {
      TrailEvent rest =
          last == null ? null : event(last, null, List.of(), UNTOLD, null, untold, "-");
      untold = 0;
      last = null;
      return rest;
    }
  }

  void add(TrailEvent refusal) {
    Kind kind =
        new Kind(
            refusal.tenantId(),
            refusal.actor(),
            refusal.action(),
            refusal.status(),
            refusal.origin());
    More first = new More(refusal);
    More more = recent.get(kind, k -> first);
    if (more == first) {
      tellWithinBudget(refusal);
    } else {
      more.last = refusal;
      more.count.addAndGet(refusal.count());
    }
  }

  private void tellWithinBudget(TrailEvent refusal) {
    Budget budget = budgets.get(refusal.tenantId(), tenant -> new Budget(tenant, ticker.read()));
    if (budget.take(refusal)) {
      if (budget.isRestDue(ticker.read())) {
        over(budget);
      }
      tell.accept(refusal);
    }
  }

  /** Tells what was gathered so far. */
  void flush() {
    recent.invalidateAll();
    budgets.invalidateAll();
  }

  private void over(@Nullable More more, RemovalCause cause) {
    int count = more == null ? 0 : more.count.get();
    if (more != null && count > 0) {
      TrailEvent last = more.last;
      tellWithinBudget(
          event(
              last,
              last.actor(),
              last.roles(),
              last.action(),
              last.object(),
              count,
              last.origin()));
    }
  }

  private void over(@Nullable Budget budget) {
    TrailEvent rest = budget == null ? null : budget.rest();
    if (rest != null) {
      tell.accept(rest);
    }
  }

  private static TrailEvent event(
      TrailEvent last,
      @Nullable String actor,
      List<String> roles,
      String action,
      @Nullable String object,
      int count,
      String origin) {
    return new TrailEvent(
        UUID.randomUUID().toString(),
        last.at(),
        last.tenantId(),
        actor,
        roles,
        action,
        object,
        last.status(),
        count,
        origin,
        last.requestId());
  }
}
