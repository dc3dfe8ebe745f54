package io.agentmanager.gateway.route;

import io.agentmanager.gateway.identity.KnownCaller;
import io.agentmanager.http.RequestIdFilter;
import io.agentmanager.tracing.LogContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatusCode;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * One line a request, with its name, so that whoever has an answer finds it in the logs, and with
 * the caller's tenant where one was identified.
 */
@Component
final class AccessLog implements WebFilter, Ordered {
  private static final Logger log = LoggerFactory.getLogger("io.agentmanager.access");
  private static final long NANOS_PER_MS = 1_000_000;

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 1;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    long began = System.nanoTime();
    return chain.filter(exchange).doFinally(end -> log(exchange, began));
  }

  /** The raw path is percent-encoded, so it brings no line breaks of its own. */
  private static void log(ServerWebExchange exchange, long began) {
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    log.atInfo()
        .addKeyValue("http.request.id", RequestIdFilter.of(exchange))
        .addKeyValue("trace.id", TraceOnward.traceId(exchange))
        .addKeyValue(
            LogContext.TENANT,
            KnownCaller.of(exchange).map(caller -> caller.tenant().value()).orElse(null))
        .log(
            "{} {} {} {} ms request_id={}",
            exchange.getRequest().getMethod(),
            exchange.getRequest().getURI().getRawPath(),
            status == null ? "-" : status.value(),
            (System.nanoTime() - began) / NANOS_PER_MS,
            RequestIdFilter.of(exchange));
  }
}
