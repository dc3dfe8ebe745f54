package io.agentmanager.gateway.trail;

import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.gateway.identity.KnownCaller;
import io.agentmanager.gateway.identity.Origins;
import io.agentmanager.gateway.identity.Printable;
import io.agentmanager.http.BatchRefusals;
import io.agentmanager.http.Caller;
import io.agentmanager.http.RequestIdFilter;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
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
final class TrailFilter implements WebFilter, Ordered {
  /** As web servers note a caller that hung up; nobody is sent it. */
  private static final int HUNG_UP = 499;

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private final TrailRecorder recorder;
  private final Origins origins;
  private final InstantSource clock;

  TrailFilter(TrailRecorder recorder, Origins origins, InstantSource clock) {
    this.recorder = recorder;
    this.origins = origins;
    this.clock = clock;
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 2;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    AtomicBoolean noted = new AtomicBoolean();
    exchange.getResponse().beforeCommit(() -> note(exchange, noted));
    return chain.filter(exchange).doFinally(end -> noteUnanswered(exchange, noted));
  }

  private Mono<Void> note(ServerWebExchange exchange, AtomicBoolean noted) {
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    int code = status == null ? HttpStatus.OK.value() : status.value();
    TrailedCalls.Trailed trailed = TrailedCalls.of(exchange.getRequest());
    Map<Integer, Integer> ofItems = BatchRefusals.take(exchange.getResponse().getHeaders());
    if (!noted.compareAndSet(false, true)) {
      return Mono.empty();
    }
    ofItems.forEach((item, count) -> noteItems(exchange, trailed, item, count));
    if (!trailed.isNoted(code)) {
      return Mono.empty();
    }
    TrailEvent event = event(exchange, trailed, code, 1);
    if (TrailedCalls.Trailed.isRefusal(code)) {
      recorder.refused(event);
      return Mono.empty();
    }
    return Mono.fromFuture(() -> recorder.record(event), true)
        .timeout(PATIENCE, Mono.just(Boolean.FALSE))
        .then();
  }

  private void noteItems(
      ServerWebExchange exchange, TrailedCalls.Trailed trailed, int status, int count) {
    if (trailed.isNoted(status)) {
      recorder.refused(event(exchange, trailed, status, count));
    }
  }

  /** Who hangs up before the answer may have done it all the same. */
  private void noteUnanswered(ServerWebExchange exchange, AtomicBoolean noted) {
    if (noted.compareAndSet(false, true)) {
      TrailedCalls.Trailed trailed = TrailedCalls.of(exchange.getRequest());
      if (trailed.always()) {
        var unused = recorder.record(event(exchange, trailed, HUNG_UP, 1));
      }
    }
  }

  private TrailEvent event(
      ServerWebExchange exchange, TrailedCalls.Trailed trailed, int status, int count) {
    Optional<Caller> caller = KnownCaller.of(exchange);
    return new TrailEvent(
        UUID.randomUUID().toString(),
        clock.instant().truncatedTo(ChronoUnit.MICROS),
        caller.map(Caller::tenant).orElse(TrailEvent.NOBODYS),
        caller.map(Caller::name).orElse(null),
        caller.map(c -> c.roles().stream().sorted().toList()).orElse(List.of()),
        trailed.action(),
        trailed.object().or(() -> made(exchange.getResponse())).orElse(null),
        status,
        count,
        origins.of(exchange.getRequest()),
        RequestIdFilter.of(exchange));
  }

  /** What was made, as the last part of where it is. */
  private static Optional<String> made(ServerHttpResponse response) {
    URI location = response.getHeaders().getLocation();
    return Optional.ofNullable(location)
        .map(URI::getRawPath)
        .map(path -> Printable.of(path.substring(path.lastIndexOf('/') + 1)));
  }
}
