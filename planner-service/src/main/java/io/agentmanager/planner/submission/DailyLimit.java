package io.agentmanager.planner.submission;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.http.ProblemException;
import io.agentmanager.planner.TaskServiceClient;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Takes no more goals from a tenant whose models have used up the day. */
@Component
class DailyLimit {
  private static final Logger log = LoggerFactory.getLogger(DailyLimit.class);
  private static final Duration REMEMBERED = Duration.ofSeconds(1);
  private static final int MOST = 10_000;
  private final LimitSettings limits;
  private final InstantSource clock;
  private final LoadingCache<TenantId, Boolean> spent;

  DailyLimit(LimitSettings limits, TaskServiceClient tasks, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
    this.spent =
        Caffeine.newBuilder()
            .expireAfterWrite(REMEMBERED)
            .maximumSize(MOST)
            .build(tenant -> isSpent(tasks, tenant));
  }

  /** While the task-service cannot say, goals are taken: it hands out no steps of a spent day. */
  private static boolean isSpent(TaskServiceClient tasks, TenantId tenant) {
    try {
      return tasks.isDaySpent(tenant);
    } catch (UncheckedIOException e) {
      log.warn("nobody says how the day of {} stands: {}", tenant, e.getMessage());
      return false;
    }
  }

  /**
   * Makes sure that something is left. Asks the task-service, if the tenant has such a limit.
   *
   * @throws ProblemException 429 until midnight in UTC
   */
  void requireRest(TenantId tenant) {
    if (limits.of(tenant).hasDailyLimit() && Objects.requireNonNull(spent.get(tenant))) {
      Instant now = clock.instant();
      Instant midnight = now.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
      throw ProblemException.tooMany(
          "The tenant's models have used up what it may spend today, in UTC.",
          Duration.between(now, midnight));
    }
  }
}
