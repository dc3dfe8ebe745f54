package io.agentmanager.gateway.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.gateway.identity.IdentifyCaller;
import io.agentmanager.gateway.identity.Origins;
import io.agentmanager.http.ProblemResponses;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Slows whoever guesses tokens: each guess costs a look into the database. From an address that
 * brought more bad tokens than {@link StrangerSettings} allows, only tokens that were good some
 * minutes ago are looked at, at each replica by itself.
 */
@Component
@EnableConfigurationProperties(StrangerSettings.class)
public final class Strangers {
  private static final int MOST_ADDRESSES = 100_000;
  private static final Duration LEAST_KEPT = Duration.ofMinutes(1);
  private final IdentifyCaller identify;
  private final Origins origins;
  private final StrangerSettings settings;
  private final Cache<String, Bucket> guesses;

  Strangers(IdentifyCaller identify, Origins origins, StrangerSettings settings) {
    this.identify = identify;
    this.origins = origins;
    this.settings = settings;
    this.guesses =
        Caffeine.newBuilder().expireAfterAccess(kept(settings)).maximumSize(MOST_ADDRESSES).build();
  }

  /** Until a bucket would be full again: who was forgotten has won nothing. */
  private static Duration kept(StrangerSettings settings) {
    Duration refill = Duration.ofSeconds(settings.atOnce() / settings.perSecond() + 1L);
    return refill.compareTo(LEAST_KEPT) > 0 ? refill : LEAST_KEPT;
  }

  /** Passes a call on, or answers it with 429. A filter of the security chain alone. */
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    if (identify.isWorthALook(exchange)) {
      return chain.filter(exchange);
    }
    String origin = origins.networkOf(exchange.getRequest());
    Bucket left = guesses.get(origin, o -> bucket());
    // Paid before the look, so that guesses that come together do not all pass.
    if (!left.tryConsume(1)) {
      ProblemResponses.retryAfter(exchange, Duration.ofSeconds(1));
      return ProblemResponses.write(
          ProblemType.TOO_MANY_REQUESTS.detail(
              "Too many calls without a good token come from this address."),
          exchange);
    }
    exchange.getResponse().beforeCommit(() -> payBack(exchange, left));
    return chain.filter(exchange);
  }

  private static Mono<Void> payBack(ServerWebExchange exchange, Bucket left) {
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    if (!HttpStatus.UNAUTHORIZED.equals(status) && !HttpStatus.SERVICE_UNAVAILABLE.equals(status)) {
      left.addTokens(1);
    }
    return Mono.empty();
  }

  private Bucket bucket() {
    return Bucket.builder()
        .addLimit(
            limit ->
                limit
                    .capacity(settings.atOnce())
                    .refillGreedy(settings.perSecond(), Duration.ofSeconds(1)))
        .build();
  }
}
