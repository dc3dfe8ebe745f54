package io.agentmanager.gateway.limit;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.http.TenantLimits;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.BucketNotFoundException;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.github.bucket4j.postgresql.PostgreSQLSelectForUpdateBasedProxyManager;
import java.time.Duration;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/**
 * A token bucket a tenant, in the database, so that it is the same at every replica. Calls that
 * come at one time take their tokens together, with one statement.
 */
@Component
class Buckets {
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration KEPT = Duration.ofMinutes(10);
  private static final int MOST_TENANTS = 10_000;
  private static final int REMOVED = 1000;
  private static final int TRIES = 5;
  private final PostgreSQLSelectForUpdateBasedProxyManager<String> manager;
  private final LoadingCache<TenantId, BucketProxy> buckets;

  Buckets(DataSource database, LimitSettings limits) {
    this.manager =
        Bucket4jPostgreSQL.selectForUpdateBasedBuilder(database)
            .primaryKeyMapper(PrimaryKeyMapper.STRING)
            .table("rate_bucket")
            .idColumn("id")
            .stateColumn("state")
            .expiresAtColumn("expires_at")
            .requestTimeout(ANSWER)
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT))
            .build();
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(MOST_TENANTS)
            .build(tenant -> bucket(tenant, limits.of(tenant)));
  }

  /**
   * Takes a token of a tenant that has a limit, if there is one. Blocks.
   *
   * <p>Calls that are batched while the bucket is made, or was just removed, fail for want of it;
   * they find it when they ask again.
   */
  ConsumptionProbe take(TenantId tenant) {
    BucketProxy bucket = Objects.requireNonNull(buckets.get(tenant));
    for (int again = 1; again < TRIES; again++) {
      try {
        return bucket.tryConsumeAndReturnRemaining(1);
      } catch (RuntimeException e) {
        if (!(NestedExceptionUtils.getMostSpecificCause(e) instanceof BucketNotFoundException)) {
          throw e;
        }
      }
    }
    return bucket.tryConsumeAndReturnRemaining(1);
  }

  /** Removes buckets that have long been full; whether there may be more. */
  boolean removeFull() {
    return manager.removeExpired(REMOVED) == REMOVED;
  }

  /** Other limits begin another bucket. */
  private BucketProxy bucket(TenantId tenant, TenantLimits limits) {
    long rate = Objects.requireNonNull(limits.requestsPerSecond());
    long burst = limits.burstOrDefault();
    BucketConfiguration configuration =
        BucketConfiguration.builder()
            .addLimit(limit -> limit.capacity(burst).refillGreedy(rate, Duration.ofSeconds(1)))
            .build();
    return manager
        .builder()
        .withOptimization(Optimizations.batching())
        .build(tenant + "/" + rate + "/" + burst, () -> configuration);
  }
}
