package io.agentmanager.gateway.identity;

import io.agentmanager.http.Caller;
import io.agentmanager.http.InternalTokens;
import io.agentmanager.http.RequestIdFilter;
import java.util.Objects;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Replaces whatever token came in by a short-lived one that the services trust, and sends the
 * request's name along, so that one name leads through all logs.
 */
@Component
final class TokenExchange implements GlobalFilter, Ordered {
  private final InternalTokens internal;

  TokenExchange(InternalTokens internal) {
    this.internal = internal;
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    return ReactiveSecurityContextHolder.getContext()
        .map(context -> Objects.requireNonNull(context.getAuthentication()).getPrincipal())
        .cast(Caller.class)
        .map(caller -> withInternalToken(exchange, caller))
        .flatMap(chain::filter);
  }

  private ServerWebExchange withInternalToken(ServerWebExchange exchange, Caller caller) {
    String token = internal.mint(caller);
    ServerHttpRequest request =
        exchange
            .getRequest()
            .mutate()
            .headers(
                headers -> {
                  headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + token);
                  headers.set(RequestIdFilter.HEADER, RequestIdFilter.of(exchange));
                })
            .build();
    return exchange.mutate().request(request).build();
  }
}
