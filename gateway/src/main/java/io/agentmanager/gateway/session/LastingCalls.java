package io.agentmanager.gateway.session;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.gateway.identity.IdentifyCaller;
import io.agentmanager.http.AccessRules;
import io.agentmanager.http.ProblemException;
import java.time.Duration;
import java.util.Set;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.web.server.authentication.ServerBearerTokenAuthenticationConverter;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ends calls that last, such as live streams and claims that wait, once the token or the session
 * that began them is no longer good. Those that change something at once are never cut off.
 */
@Component
public final class LastingCalls {
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Set<String> LASTING =
      Set.of(
          "GET /v1/workflows/{id}/events",
          "GET /v1/tasks/ready",
          "POST /v1/tasks/claims",
          "POST /v1/locks");
  private final IdentifyCaller identify;
  private final SessionGuard sessions;
  private final ServerBearerTokenAuthenticationConverter bearer =
      new ServerBearerTokenAuthenticationConverter();

  LastingCalls(IdentifyCaller identify, SessionGuard sessions) {
    this.identify = identify;
    this.sessions = sessions;
  }

  /**
   * Passes a call on, for as long as its caller may make it. A filter of the security chain alone.
   */
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    Mono<Void> answered = chain.filter(exchange);
    return isLasting(exchange.getRequest())
        ? answered.takeUntilOther(turnedAway(exchange))
        : answered;
  }

  private static boolean isLasting(ServerHttpRequest request) {
    return AccessRules.match(request.getMethod(), request.getPath().pathWithinApplication())
        .filter(match -> LASTING.contains(match.rule().method() + " " + match.rule().path()))
        .isPresent();
  }

  /** Fails when the caller is not welcome any more; else it says nothing. */
  private Mono<Void> turnedAway(ServerWebExchange exchange) {
    return Flux.interval(LOOK)
        .onBackpressureDrop()
        .concatMap(tick -> isWelcome(exchange))
        .filter(isWelcome -> !isWelcome)
        .next()
        .flatMap(
            no ->
                Mono.error(
                    ProblemException.of(
                        ProblemType.UNAUTHORIZED, "The token or its session has ended.")));
  }

  /** Who cannot be asked about now stays. */
  private Mono<Boolean> isWelcome(ServerWebExchange exchange) {
    return bearer
        .convert(exchange)
        .flatMap(identify::authenticate)
        .then(sessions.isStillOpen(exchange))
        .onErrorResume(InvalidBearerTokenException.class, e -> Mono.just(Boolean.FALSE))
        .onErrorReturn(Boolean.TRUE);
  }
}
