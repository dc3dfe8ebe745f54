package io.agentmanager.task.overview;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.agentmanager.contracts.api.Overview;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The overview over HTTP. Any number of lookers at a tenant cost each replica one look in two
 * seconds, and less where a look takes long: never more than a twentieth of the time.
 */
@RestController
class OverviewController {
  private static final Duration KEPT = Duration.ofSeconds(2);
  private static final int SHARE = 20;

  /** All tenants' reads share a few connections, and somebody's long look is not to have them. */
  private static final int AT_ONCE = 2;

  private static final int MOST_TENANTS = 1_000;
  private final AsyncLoadingCache<TenantId, Look> looks;

  OverviewController(ReadOverview overviews) {
    looks =
        Caffeine.newBuilder()
            .executor(
                Executors.newFixedThreadPool(
                    AT_ONCE, Thread.ofVirtual().name("overview-", 0).factory()))
            .expireAfter(Expiry.<TenantId, Look>writing((tenant, look) -> kept(look)))
            .maximumSize(MOST_TENANTS)
            .buildAsync(tenant -> look(overviews, tenant));
  }

  private record Look(Overview overview, Duration took) {}

  private static Look look(ReadOverview overviews, TenantId tenant) {
    long began = System.nanoTime();
    Overview overview = overviews.of(tenant);
    return new Look(overview, Duration.ofNanos(System.nanoTime() - began));
  }

  private static Duration kept(Look look) {
    Duration rest = look.took().multipliedBy(SHARE);
    return rest.compareTo(KEPT) > 0 ? rest : KEPT;
  }

  @GetMapping("/v1/overview")
  CompletableFuture<Overview> overview(Caller caller) {
    return looks.get(caller.tenant()).thenApply(Look::overview);
  }
}
