package io.agentmanager.task.overview;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.agentmanager.contracts.api.Overview;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import java.time.Duration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The overview over HTTP. Any number of lookers cost the database one look in two seconds. */
@RestController
class OverviewController {
  private static final Duration KEPT = Duration.ofSeconds(2);
  private static final int MOST_TENANTS = 1_000;
  private final LoadingCache<TenantId, Overview> looks;

  OverviewController(ReadOverview overviews) {
    looks =
        Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(MOST_TENANTS).build(overviews::of);
  }

  @GetMapping("/v1/overview")
  Overview overview(Caller caller) {
    return looks.get(caller.tenant());
  }
}
