package io.agentmanager.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentmanager.gateway.oidc.OidcTokens;
import io.agentmanager.gateway.token.ApiTokens;
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Finds out whom a bearer token stands for: one in the form of a JSON Web Token is the identity
 * provider's where there is one, any other is an API token. Either way a few of the last are
 * remembered, so that most calls ask nobody.
 */
@Component
public final class IdentifyCaller implements ReactiveAuthenticationManager {
  private static final int LONGEST_TOKEN = 8192;
  private static final String BEARER = "Bearer ";
  private static final Duration ONCE_GOOD = Duration.ofMinutes(10);
  private static final int MOST_ONCE_GOOD = 50_000;
  private final Cache<String, Boolean> onceGood =
      Caffeine.newBuilder().expireAfterAccess(ONCE_GOOD).maximumSize(MOST_ONCE_GOOD).build();
  private final ApiTokens apiTokens;
  private final OidcTokens oidcTokens;
  private final Scheduler blocking;

  IdentifyCaller(ApiTokens apiTokens, OidcTokens oidcTokens, Scheduler blocking) {
    this.apiTokens = apiTokens;
    this.oidcTokens = oidcTokens;
    this.blocking = blocking;
  }

  /** Fails with an {@link InvalidBearerTokenException} when the token stands for nobody. */
  @Override
  public Mono<Authentication> authenticate(Authentication authentication) {
    String token = ((BearerTokenAuthenticationToken) authentication).getToken();
    return token.length() > LONGEST_TOKEN
        ? Mono.error(new InvalidBearerTokenException("too long"))
        : (oidcTokens.isOneOfTheirs(token) ? oidc(token) : api(token))
            .doOnNext(known -> onceGood.put(token, Boolean.TRUE));
  }

  /** Whether a token has the form of one of the identity provider's, and there is a provider. */
  public boolean isOfProvider(String token) {
    return oidcTokens.isOneOfTheirs(token);
  }

  /**
   * Whether a call bears a token that was good some minutes ago, or none at all. It says nothing
   * about whether the token is good now.
   */
  public boolean isWorthALook(ServerWebExchange exchange) {
    String header = exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
    return header == null
        || (header.regionMatches(true, 0, BEARER, 0, BEARER.length())
            && onceGood.getIfPresent(header.substring(BEARER.length()).strip()) != null);
  }

  private Mono<Authentication> api(String token) {
    return apiTokens
        .remembered(token)
        .map(Mono::just)
        .orElseGet(() -> Detached.work(blocking, () -> apiTokens.check(token)))
        .map(caller -> new CallerAuthentication(caller, null));
  }

  private Mono<Authentication> oidc(String token) {
    return oidcTokens
        .remembered(token)
        .map(Mono::just)
        .orElseGet(() -> Detached.work(blocking, () -> oidcTokens.check(token)))
        .map(bearer -> new CallerAuthentication(bearer.caller(), bearer.session()));
  }
}
