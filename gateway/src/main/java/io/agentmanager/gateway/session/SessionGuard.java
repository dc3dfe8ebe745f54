package io.agentmanager.gateway.session;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.gateway.identity.Detached;
import io.agentmanager.gateway.identity.KnownCaller;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemResponses;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Lets the tokens of a session pass only while it is open, and only from its device. */
@Component
public final class SessionGuard {
  private final Sessions sessions;
  private final Scheduler blocking;

  SessionGuard(Sessions sessions, Scheduler blocking) {
    this.sessions = sessions;
    this.blocking = blocking;
  }

  /** Passes a call on, or answers it with 401. A filter of the security chain alone. */
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    Optional<String> session = KnownCaller.sessionOf(exchange);
    if (session.isEmpty()) {
      return chain.filter(exchange);
    }
    Device device = Device.of(exchange.getRequest());
    Sessions.Shown shown = shown(exchange, session.get(), device);
    return sessions
        .remembered(shown)
        .map(Mono::just)
        .orElseGet(() -> Detached.work(blocking, () -> sessions.isOpen(shown, device)))
        .flatMap(isOpen -> isOpen ? chain.filter(exchange) : refuse(exchange));
  }

  /** Whether the session of a call that passed has not ended since; so for calls of none. */
  public Mono<Boolean> isStillOpen(ServerWebExchange exchange) {
    return KnownCaller.sessionOf(exchange)
        .map(session -> shown(exchange, session, Device.of(exchange.getRequest())))
        .map(shown -> Detached.work(blocking, () -> sessions.isStillOpen(shown)))
        .orElseGet(() -> Mono.just(Boolean.TRUE));
  }

  private static Sessions.Shown shown(ServerWebExchange exchange, String session, Device device) {
    Caller caller = KnownCaller.of(exchange).orElseThrow();
    return new Sessions.Shown(caller, Device.hash(session), device.fingerprint());
  }

  private static Mono<Void> refuse(ServerWebExchange exchange) {
    return ProblemResponses.write(
        ProblemType.UNAUTHORIZED.detail(
            "The session has ended, or began on another device. Sign in again."),
        exchange);
  }
}
