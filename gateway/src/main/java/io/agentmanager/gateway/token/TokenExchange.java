package io.agentmanager.gateway.token;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.InternalTokens;
import io.agentmanager.http.RequestIdFilter;
import java.util.List;
import java.util.Objects;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
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
        .cast(OAuth2AuthenticatedPrincipal.class)
        .map(caller -> withInternalToken(exchange, caller))
        .flatMap(chain::filter);
  }

  private ServerWebExchange withInternalToken(
      ServerWebExchange exchange, OAuth2AuthenticatedPrincipal caller) {
    String tenant = Objects.requireNonNull(caller.getAttribute(ApiTokenIntrospector.TENANT));
    List<String> roles = Objects.requireNonNull(caller.getAttribute(ApiTokenIntrospector.ROLES));
    String token = internal.mint(new TenantId(tenant), caller.getName(), roles);
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
