package io.agentmanager.http;

import java.util.Objects;
import org.springframework.core.MethodParameter;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.reactive.BindingContext;
import org.springframework.web.reactive.result.method.HandlerMethodArgumentResolver;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Hands a controller the {@link Caller} of its request. */
final class CallerArgument implements HandlerMethodArgumentResolver {
  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return parameter.getParameterType() == Caller.class;
  }

  @Override
  public Mono<Object> resolveArgument(
      MethodParameter parameter, BindingContext binding, ServerWebExchange exchange) {
    return ReactiveSecurityContextHolder.getContext()
        .map(context -> caller(Objects.requireNonNull(context.getAuthentication())));
  }

  /** The gateway found out who calls; the services read it off the internal token. */
  private static Object caller(Authentication authentication) {
    return authentication.getPrincipal() instanceof Jwt token
        ? Caller.of(token)
        : Objects.requireNonNull(authentication.getPrincipal());
  }
}
