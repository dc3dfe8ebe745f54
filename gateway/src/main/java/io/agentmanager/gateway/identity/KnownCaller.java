package io.agentmanager.gateway.identity;

import io.agentmanager.http.Caller;
import java.util.Optional;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Notes on the exchange who calls, for those that stand before and after the security filters. */
public final class KnownCaller implements WebFilter {
  private static final String ATTRIBUTE = KnownCaller.class.getName();

  /** Who calls; empty when nobody was identified. */
  public static Optional<Caller> of(ServerWebExchange exchange) {
    return known(exchange).map(CallerAuthentication::getPrincipal);
  }

  /** The identity provider's name of the session that the call belongs to; machines have none. */
  public static Optional<String> sessionOf(ServerWebExchange exchange) {
    return known(exchange).map(CallerAuthentication::session);
  }

  private static Optional<CallerAuthentication> known(ServerWebExchange exchange) {
    return Optional.ofNullable(exchange.getAttribute(ATTRIBUTE));
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return ReactiveSecurityContextHolder.getContext()
        .doOnNext(
            context -> {
              if (context.getAuthentication() instanceof CallerAuthentication caller) {
                exchange.getAttributes().put(ATTRIBUTE, caller);
              }
            })
        .then(Mono.defer(() -> chain.filter(exchange)));
  }
}
