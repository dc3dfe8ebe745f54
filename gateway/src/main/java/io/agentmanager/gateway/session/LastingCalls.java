package io.agentmanager.gateway.session;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.gateway.identity.IdentifyCaller;
import io.agentmanager.http.AccessRules;
import io.agentmanager.http.ProblemException;
import java.time.Duration;
import java.util.Set;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
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
  /** How long until it is seen that what a call began with has ended. */
  static final Duration LOOK = Duration.ofSeconds(2);

  private static final String STREAM = "GET /v1/workflows/{id}/events";

  /** They end by themselves within half a minute. */
  private static final Set<String> WAITS =
      Set.of("GET /v1/tasks/ready", "POST /v1/tasks/claims", "POST /v1/locks");

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
    String call = call(exchange.getRequest());
    return call.equals(STREAM) || WAITS.contains(call)
        ? answered.takeUntilOther(turnedAway(exchange, call.equals(STREAM)))
        : answered;
  }

  private static String call(ServerHttpRequest request) {
    return AccessRules.match(request.getMethod(), request.getPath().pathWithinApplication())
        .map(match -> match.rule().method() + " " + match.rule().path())
        .orElse("");
  }

  /** Ends, or fails, when the caller is not welcome any more; until then it says nothing. */
  private Mono<Void> turnedAway(ServerWebExchange exchange, boolean isStream) {
    return Flux.interval(LOOK)
        .onBackpressureDrop()
        .concatMap(tick -> isWelcome(exchange, isStream))
        .filter(isWelcome -> !isWelcome)
        .next()
        .flatMap(no -> end(exchange));
  }

  /** A stream that has begun just ends; whoever comes back is told why. */
  private static Mono<Void> end(ServerWebExchange exchange) {
    return exchange.getResponse().isCommitted()
        ? Mono.empty()
        : Mono.error(
            ProblemException.of(ProblemType.UNAUTHORIZED, "The token or its session has ended."));
  }

  /**
   * Who cannot be asked about now stays. A provider's token can expire and not be revoked: a wait
   * that began in time is let end, since its worker has the next token by then and would lose what
   * the wait brings.
   */
  private Mono<Boolean> isWelcome(ServerWebExchange exchange, boolean isStream) {
    return bearer
        .convert(exchange)
        .cast(BearerTokenAuthenticationToken.class)
        .filter(token -> isStream || !identify.isOfProvider(token.getToken()))
        .flatMap(identify::authenticate)
        .then(sessions.isStillOpen(exchange))
        .onErrorResume(InvalidBearerTokenException.class, e -> Mono.just(Boolean.FALSE))
        .onErrorReturn(Boolean.TRUE);
  }
}
