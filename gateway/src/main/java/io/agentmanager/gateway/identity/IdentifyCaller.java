package io.agentmanager.gateway.identity;

import io.agentmanager.gateway.oidc.OidcTokens;
import io.agentmanager.gateway.token.ApiTokens;
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
        : oidcTokens.isOneOfTheirs(token) ? oidc(token) : api(token);
  }

  /** Whether a call bears a token that was good just now. */
  public boolean isRemembered(ServerWebExchange exchange) {
    String header = exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return false;
    }
    String token = header.substring(BEARER.length()).strip();
    return apiTokens.remembered(token).isPresent() || oidcTokens.remembered(token).isPresent();
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
