package io.agentmanager.gateway.limit;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.gateway.identity.Detached;
import io.agentmanager.gateway.identity.KnownCaller;
import io.agentmanager.http.AccessRules;
import io.agentmanager.http.Caller;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.http.ProblemResponses;
import io.agentmanager.http.TenantLimits;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Lets a tenant call no oftener than it may, over all replicas together. Every answer says how much
 * is left, in the fields of draft-ietf-httpapi-ratelimit-headers. While the buckets cannot be
 * asked, calls pass: what they need of the database fails by itself.
 */
@Component
public final class RateLimit {
  private static final Logger log = LoggerFactory.getLogger(RateLimit.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Set<String> NEVER_REFUSED =
      Set.of(
          "POST /v1/workers/{worker}/heartbeat",
          "DELETE /v1/workers/{worker}",
          "POST /v1/results",
          "POST /v1/results/batch",
          "POST /v1/workflows/{id}/steps/{step}/iterations",
          "DELETE /v1/locks/{lock}");
  private final Buckets buckets;
  private final LimitSettings limits;
  private final Scheduler blocking;

  RateLimit(Buckets buckets, LimitSettings limits, Scheduler blocking) {
    this.buckets = buckets;
    this.limits = limits;
    this.blocking = blocking;
  }

  /**
   * Passes a call on, or answers it with 429. It is a filter of the security chain alone: as a bean
   * of that type it would stand in the chain of all filters as well, and count twice.
   */
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    Optional<TenantId> tenant = KnownCaller.of(exchange).map(Caller::tenant);
    if (tenant.isEmpty() || limits.of(tenant.get()).requestsPerSecond() == null) {
      return chain.filter(exchange);
    }
    return Detached.work(blocking, () -> take(tenant.get()))
        .timeout(PATIENCE, Mono.just(Optional.empty()))
        .flatMap(probe -> decide(exchange, chain, limits.of(tenant.get()), probe));
  }

  private Optional<ConsumptionProbe> take(TenantId tenant) {
    try {
      return Optional.of(buckets.take(tenant));
    } catch (RuntimeException e) {
      log.warn("calls of {} cannot be counted now: {}", tenant, e.toString());
      return Optional.empty();
    }
  }

  private static Mono<Void> decide(
      ServerWebExchange exchange,
      WebFilterChain chain,
      TenantLimits limits,
      Optional<ConsumptionProbe> probe) {
    probe.ifPresent(p -> tell(exchange, limits, p));
    if (probe.isEmpty() || probe.get().isConsumed() || endsWork(exchange.getRequest())) {
      return chain.filter(exchange);
    }
    Duration pause = Duration.ofNanos(probe.get().getNanosToWaitForRefill());
    ProblemResponses.retryAfter(exchange, pause);
    return ProblemResponses.write(
        ProblemType.TOO_MANY_REQUESTS.detail(
            "The tenant may make " + limits.requestsPerSecond() + " calls a second."),
        exchange);
  }

  /**
   * Calls that keep or end what was begun count, but pass: a worker whose heartbeat or result is
   * refused would lose its work, and somebody would do it again.
   */
  static boolean endsWork(ServerHttpRequest request) {
    return AccessRules.match(request.getMethod(), request.getPath().pathWithinApplication())
        .filter(match -> NEVER_REFUSED.contains(match.rule().method() + " " + match.rule().path()))
        .isPresent();
  }

  private static void tell(
      ServerWebExchange exchange, TenantLimits limits, ConsumptionProbe probe) {
    long burst = limits.burstOrDefault();
    long window = Math.ceilDiv(burst, (long) Objects.requireNonNull(limits.requestsPerSecond()));
    long reset = TimeUnit.NANOSECONDS.toSeconds(probe.getNanosToWaitForReset() + 999_999_999L);
    String policy = "\"tenant\";q=" + burst + ";w=" + window;
    String left = "\"tenant\";r=" + probe.getRemainingTokens() + ";t=" + reset;
    exchange
        .getResponse()
        .beforeCommit(
            () -> {
              HttpHeaders headers = exchange.getResponse().getHeaders();
              headers.set("RateLimit-Policy", policy);
              headers.set("RateLimit", left);
              return Mono.empty();
            });
  }
}
