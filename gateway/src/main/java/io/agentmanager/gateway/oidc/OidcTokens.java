package io.agentmanager.gateway.oidc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import io.agentmanager.http.Caller;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.stereotype.Component;

/**
 * Access tokens of the identity provider. What was checked is remembered for a few seconds, and no
 * longer than the token lives.
 */
@Component
public final class OidcTokens {
  private static final Logger log = LoggerFactory.getLogger(OidcTokens.class);
  private static final Duration MEMORY = Duration.ofSeconds(5);
  private static final int MOST_REMEMBERED = 10_000;
  private static final String SESSION = "sid";
  private final OidcSettings settings;
  private final @Nullable ProviderKeys keys;
  private final InstantSource clock;
  private final Cache<String, Known> known =
      Caffeine.newBuilder().expireAfterWrite(MEMORY).maximumSize(MOST_REMEMBERED).build();

  OidcTokens(OidcSettings settings, InstantSource clock) {
    this.settings = settings;
    this.keys = settings.issuerUri() == null ? null : new ProviderKeys(settings);
    this.clock = clock;
  }

  /**
   * Whom a token stands for.
   *
   * @param session names the sign-in that it comes from; null for machines, whose tokens have no
   *     {@code sid}
   */
  public record Bearer(Caller caller, @Nullable String session) {}

  private record Known(Bearer bearer, Instant until) {}

  /** Whether the token has the form of one of the provider's, and there is a provider. */
  public boolean isOneOfTheirs(String token) {
    return keys != null && (known.getIfPresent(token) != null || isSigned(token));
  }

  private static boolean isSigned(String token) {
    try {
      return JWTParser.parse(token) instanceof SignedJWT;
    } catch (ParseException e) {
      return false;
    }
  }

  /** Whom it stands for, when it was checked just now. */
  public Optional<Bearer> remembered(String token) {
    return Optional.ofNullable(known.getIfPresent(token))
        .filter(k -> clock.instant().isBefore(k.until()))
        .map(Known::bearer);
  }

  /**
   * Checks signature, algorithm, issuer, audience and times, asking the provider for its keys where
   * they are not known yet. Blocking.
   *
   * @throws InvalidBearerTokenException when it fails, or names nobody that could call
   * @throws AuthenticationServiceException when the provider does not answer
   */
  public Bearer check(String token) {
    Jwt jwt = decode(token);
    Caller caller =
        OidcClaims.caller(jwt, settings)
            .orElseThrow(
                () ->
                    new InvalidBearerTokenException(
                        "no subject, tenant or capabilities that can be read"));
    Bearer bearer = new Bearer(caller, session(jwt, caller));
    Instant end = jwt.getExpiresAt();
    if (end != null) {
      known.put(token, new Known(bearer, end));
    }
    return bearer;
  }

  /**
   * One sign-in at one client: the provider's own session lasts longer, spans clients and outlives
   * a forced sign-in.
   */
  private static @Nullable String session(Jwt jwt, Caller caller) {
    String session = jwt.getClaimAsString(SESSION);
    return session == null
        ? null
        : String.join(
            "\n",
            session,
            caller.tenant().value(),
            caller.name(),
            String.valueOf(jwt.<Object>getClaim("azp")),
            String.valueOf(jwt.<Object>getClaim("auth_time")));
  }

  private Jwt decode(String token) {
    if (keys == null) {
      throw new InvalidBearerTokenException("there is no identity provider");
    }
    try {
      Jwt jwt = keys.decoder().decode(token);
      keys.seen();
      return jwt;
    } catch (BadJwtException e) {
      log.debug("a token was refused: {}", e.getMessage(), e);
      throw new InvalidBearerTokenException("not valid: " + e.getMessage(), e);
    } catch (JwtException e) {
      if (e.getCause() instanceof RateLimitReachedException && keys.wereSeen()) {
        throw new InvalidBearerTokenException("signed with a key that was unknown just now", e);
      }
      throw new AuthenticationServiceException("the identity provider does not answer", e);
    }
  }
}
