package io.agentmanager.http;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Gives every request a name that the answer carries in {@code X-Request-Id} and the logs carry
 * too. One that comes with the request is kept if it is short and plain.
 */
public final class RequestIdFilter implements WebFilter, Ordered {
  /** The header. */
  public static final String HEADER = "X-Request-Id";

  private static final String ATTRIBUTE = RequestIdFilter.class.getName();
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    String id = accept(exchange.getRequest().getHeaders().getFirst(HEADER));
    exchange.getAttributes().put(ATTRIBUTE, id);
    exchange.getResponse().getHeaders().set(HEADER, id);
    exchange.getResponse().beforeCommit(() -> single(exchange, id));
    return chain.filter(exchange);
  }

  /** The name of the request behind the exchange. */
  public static String of(ServerWebExchange exchange) {
    return exchange.getAttributeOrDefault(ATTRIBUTE, "unknown");
  }

  private static Mono<Void> single(ServerWebExchange exchange, String id) {
    exchange.getResponse().getHeaders().set(HEADER, id);
    return Mono.empty();
  }

  private static String accept(@Nullable String given) {
    return given != null && PLAIN.matcher(given).matches() ? given : UUID.randomUUID().toString();
  }
}
