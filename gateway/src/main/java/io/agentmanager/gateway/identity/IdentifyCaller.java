package io.agentmanager.gateway.identity;

import io.agentmanager.gateway.oidc.OidcTokens;
import io.agentmanager.gateway.token.ApiTokens;
import io.agentmanager.http.Caller;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.stereotype.Component;
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
        : caller(token).map(CallerAuthentication::new);
  }

  private Mono<Caller> caller(String token) {
    boolean oidc = oidcTokens.isOneOfTheirs(token);
    return (oidc ? oidcTokens.remembered(token) : apiTokens.remembered(token))
        .map(Mono::just)
        .orElseGet(
            () ->
                Mono.fromCallable(() -> oidc ? oidcTokens.check(token) : apiTokens.check(token))
                    .subscribeOn(blocking));
  }
}
