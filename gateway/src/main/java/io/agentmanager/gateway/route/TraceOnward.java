package io.agentmanager.gateway.route;

import io.agentmanager.http.TracingConfiguration;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Tells the service behind which span of the gateway its request belongs to. Where nothing is
 * recorded, the caller's own header passes as it came.
 */
@Component
final class TraceOnward implements GlobalFilter {
  private static final String HEADER = "traceparent";
  private final boolean on;

  TraceOnward(Environment settings) {
    this.on = TracingConfiguration.isOn(settings);
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    String place = on ? place(exchange) : null;
    return chain.filter(
        place == null
            ? exchange
            : exchange
                .mutate()
                .request(request -> request.headers(headers -> headers.set(HEADER, place)))
                .build());
  }

  private static @Nullable String place(ServerWebExchange exchange) {
    return ServerRequestObservationContext.findCurrent(exchange.getAttributes())
        .map(context -> context.<TracingContext>get(TracingContext.class))
        .map(TracingContext::getSpan)
        .map(span -> text(span.context()))
        .orElse(null);
  }

  private static String text(TraceContext context) {
    String sampled = Boolean.TRUE.equals(context.sampled()) ? "01" : "00";
    return "00-" + context.traceId() + "-" + context.spanId() + "-" + sampled;
  }
}
