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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers refusals: the first of a kind is told at once, and those that repeat it within a minute
 * share one entry, so that whoever hammers at the door does not fill the trail. Of kinds that are
 * made up faster than {@value #A_SECOND} a second, only the number is told.
 */
final class Refusals {
  private static final Duration GATHERED = Duration.ofMinutes(1);
  private static final int MOST_KINDS = 10_000;
  private static final int AT_ONCE = 500;
  private static final int A_SECOND = 20;
  private final Consumer<TrailEvent> tell;
  private final AtomicInteger untold = new AtomicInteger();
  private final Bucket budget =
      Bucket.builder()
          .addLimit(limit -> limit.capacity(AT_ONCE).refillGreedy(A_SECOND, Duration.ofSeconds(1)))
          .build();
  private final Cache<Kind, More> recent;

  Refusals(Consumer<TrailEvent> tell, Ticker ticker) {
    this.tell = tell;
    this.recent =
        Caffeine.newBuilder()
            .expireAfterWrite(GATHERED)
            .maximumSize(MOST_KINDS)
            .ticker(ticker)
            .scheduler(Scheduler.systemScheduler())
            .executor(Runnable::run)
            .<Kind, More>removalListener((kind, more, cause) -> over(more, cause))
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
      more.count.incrementAndGet();
    }
  }

  /** Whoever makes each refusal another one is counted: the next that is told says how many. */
  private void tellWithinBudget(TrailEvent refusal) {
    if (budget.tryConsume(1)) {
      tell.accept(of(refusal, refusal.count() + untold.getAndSet(0)));
    } else {
      untold.addAndGet(refusal.count());
    }
  }

  /** Tells what was gathered so far. */
  void flush() {
    recent.invalidateAll();
  }

  private void over(@Nullable More more, RemovalCause cause) {
    int count = more == null ? 0 : more.count.get();
    if (more == null || count == 0) {
      return;
    }
    tellWithinBudget(of(more.last, count));
  }

  private static TrailEvent of(TrailEvent last, int count) {
    return new TrailEvent(
        UUID.randomUUID().toString(),
        last.at(),
        last.tenantId(),
        last.actor(),
        last.roles(),
        last.action(),
        last.object(),
        last.status(),
        count,
        last.origin(),
        last.requestId());
  }
}
