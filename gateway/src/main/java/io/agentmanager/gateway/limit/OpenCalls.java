package io.agentmanager.gateway.limit;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.gateway.identity.KnownCaller;
import io.agentmanager.http.Caller;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.http.ProblemResponses;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Bounds the calls that a tenant has open at a time, streams and waiting claims above all: each
 * keeps a connection to a service, and one tenant is not to have them all. Calls that keep or end
 * what was begun count, and pass.
 */
@Component
public final class OpenCalls {
  private final LimitSettings limits;
  private final Map<TenantId, Integer> open = new ConcurrentHashMap<>();

  OpenCalls(LimitSettings limits) {
    this.limits = limits;
  }

  /** Passes a call on, or answers it with 429. A filter of the security chain alone. */
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    Optional<TenantId> tenant = KnownCaller.of(exchange).map(Caller::tenant);
    return tenant.isEmpty()
        ? chain.filter(exchange)
        : Mono.defer(() -> counted(exchange, chain, tenant.get()));
  }

  private Mono<Void> counted(ServerWebExchange exchange, WebFilterChain chain, TenantId tenant) {
    int most = limits.of(tenant).openCallsOrDefault();
    int now = open.merge(tenant, 1, Integer::sum);
    Mono<Void> answered =
        now <= most || RateLimit.endsWork(exchange.getRequest())
            ? chain.filter(exchange)
            : ProblemResponses.write(
                ProblemType.TOO_MANY_REQUESTS.detail(
                    "The tenant may have " + most + " calls open at a time."),
                exchange);
    return answered.doFinally(
        end -> open.computeIfPresent(tenant, (t, count) -> count == 1 ? null : count - 1));
  }
}
