package io.agentmanager.task.recover;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Notes when a call last came in from the gateway, or whether one is parked here. */
@Component
class InboundCalls implements WebFilter {
  private static final String PUBLIC = "/v1/";
  private final InstantSource clock;
  private final AtomicInteger here = new AtomicInteger();
  private volatile Instant last;

  InboundCalls(InstantSource clock) {
    this.clock = clock;
    this.last = clock.instant();
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    if (!exchange.getRequest().getPath().value().startsWith(PUBLIC)) {
      return chain.filter(exchange);
    }
    here.incrementAndGet();
    last = clock.instant();
    return chain.filter(exchange).doFinally(end -> leave());
  }

  private void leave() {
    last = clock.instant();
    here.decrementAndGet();
  }

  /** When a call was last here. */
  Instant last(Instant now) {
    return here.get() > 0 ? now : last;
  }
}
