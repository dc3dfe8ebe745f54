package io.agentmanager.gateway.trail;

import com.github.benmanes.caffeine.cache.Ticker;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.gateway.identity.KnownCaller;
import io.agentmanager.http.Caller;
import io.agentmanager.http.RequestIdFilter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Notes who did what, before the caller hears that it was done: an answer is held back until its
 * entry is durable. Refusals keep nobody waiting.
 */
@Component
final class TrailFilter implements WebFilter, Ordered, DisposableBean {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private final TrailRecorder recorder;
  private final InstantSource clock;
  private final Refusals refusals;

  TrailFilter(TrailRecorder recorder, InstantSource clock) {
    this.recorder = recorder;
    this.clock = clock;
    this.refusals = new Refusals(recorder::record, Ticker.systemTicker());
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 2;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    exchange.getResponse().beforeCommit(() -> note(exchange));
    return chain.filter(exchange);
  }

  private Mono<Void> note(ServerWebExchange exchange) {
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    int code = status == null ? 200 : status.value();
    TrailedCalls.Trailed trailed = TrailedCalls.of(exchange.getRequest());
    if (!trailed.isNoted(code)) {
      return Mono.empty();
    }
    TrailEvent event = event(exchange, trailed, code);
    if (TrailedCalls.Trailed.isRefusal(code)) {
      refusals.add(event);
      return Mono.empty();
    }
    return Mono.fromFuture(() -> recorder.record(event), true)
        .timeout(PATIENCE, Mono.just(Boolean.FALSE))
        .then();
  }

  private TrailEvent event(ServerWebExchange exchange, TrailedCalls.Trailed trailed, int status) {
    Optional<Caller> caller = KnownCaller.of(exchange);
    InetSocketAddress from = exchange.getRequest().getRemoteAddress();
    return new TrailEvent(
        UUID.randomUUID().toString(),
        clock.instant().truncatedTo(ChronoUnit.MICROS),
        caller.map(Caller::tenant).orElse(TrailEvent.NOBODYS),
        caller.map(Caller::name).orElse(null),
        caller.map(c -> c.roles().stream().sorted().toList()).orElse(List.of()),
        trailed.action(),
        trailed.object().or(() -> made(exchange.getResponse())).orElse(null),
        status,
        1,
        from == null || from.getAddress() == null ? "-" : from.getAddress().getHostAddress(),
        RequestIdFilter.of(exchange));
  }

  /** What was made, as the last part of where it is. */
  private static Optional<String> made(ServerHttpResponse response) {
    URI location = response.getHeaders().getLocation();
    return Optional.ofNullable(location)
        .map(URI::getRawPath)
        .map(path -> TrailedCalls.shortened(path.substring(path.lastIndexOf('/') + 1)));
  }

  @Override
  public void destroy() {
    refusals.flush();
  }
}
