package io.agentmanager.gateway.oidc;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import tools.jackson.core.JacksonException;

/**
 * The provider's keys, fetched when the first token comes and again when one names a key that is
 * not known, which is how keys rotate. Tokens with made-up keys cannot make the gateway ask the
 * provider over and over: Nimbus limits that, and goes on with the keys it has while the provider
 * is away.
 */
final class ProviderKeys {
  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final int CONNECT_MS = 2000;
  private static final int READ_MS = 5000;
  private static final int LARGEST_DOCUMENT = 512 * 1024;
  private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(5);
  private static final Duration KEPT_THROUGH_OUTAGE = Duration.ofHours(1);
  private static final Duration SKEW = Duration.ofSeconds(30);

  private final OidcSettings settings;
  private final URI issuer;
  private final DefaultResourceRetriever http =
      new DefaultResourceRetriever(CONNECT_MS, READ_MS, LARGEST_DOCUMENT);
  private volatile @Nullable JwtDecoder decoder;
  private volatile long lastGood = System.nanoTime() - KEPT_THROUGH_OUTAGE.toNanos();
  private long notBefore = System.nanoTime();

  ProviderKeys(OidcSettings settings) {
    this.settings = settings;
    this.issuer = Objects.requireNonNull(settings.issuerUri());
  }

  /**
   * What checks tokens.
   *
   * @throws JwtException when the provider does not say where its keys are; it is asked by one
   *     caller at a time, and after a failure not for five seconds
   */
  JwtDecoder decoder() {
    JwtDecoder made = decoder;
    return made == null ? discover() : made;
  }

  private synchronized JwtDecoder discover() {
    JwtDecoder made = decoder;
    if (made == null) {
      if (System.nanoTime() - notBefore < 0) {
        throw new JwtException("no keys of " + issuer + " just now");
      }
      notBefore = System.nanoTime() + BETWEEN_FETCHES.toNanos();
      made = make(keySet());
      decoder = made;
    }
    return made;
  }

  /**
   * Fetches the keys as for a first token, without keeping them.
   *
   * @throws JwtException when the provider does not say where they are, or there are none
   */
  JWKSet look() {
    URL at = keySet();
    try {
      JWKSet keys = JWKSet.parse(http.retrieveResource(at).getContent());
      if (keys.isEmpty()) {
        throw new JwtException("there are no keys at " + at);
      }
      return keys;
    } catch (IOException | ParseException e) {
      throw new JwtException("no keys at " + at + ": " + e.getMessage(), e);
    }
  }

  /** Whether a token was checked lately, so that there are keys. */
  boolean wereSeen() {
    return System.nanoTime() - lastGood < KEPT_THROUGH_OUTAGE.toNanos();
  }

  /** A token was checked. */
  void seen() {
    lastGood = System.nanoTime();
  }

  private JwtDecoder make(URL keySet) {
    JWKSource<SecurityContext> keys =
        JWKSourceBuilder.create(keySet, http)
            .rateLimited(BETWEEN_FETCHES.toMillis())
            .retrying(true)
            .outageTolerant(KEPT_THROUGH_OUTAGE.toMillis())
            .build();
    NimbusJwtDecoder made =
        NimbusJwtDecoder.withJwkSource(keys)
            .jwsAlgorithms(all -> all.addAll(List.of(SignatureAlgorithm.values())))
            .build();
    made.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            new JwtTimestampValidator(SKEW),
            ProviderKeys::isAccessToken,
            new JwtIssuerValidator(issuer.toString()),
            new JwtClaimValidator<List<String>>(
                JwtClaimNames.AUD,
                audience -> audience != null && audience.contains(settings.audience())),
            new JwtClaimValidator<Object>(JwtClaimNames.EXP, Objects::nonNull)));
    return made;
  }

  /** Keycloak says of its tokens what they are for; others say nothing. */
  private static OAuth2TokenValidatorResult isAccessToken(Jwt token) {
    Object type = token.getClaims().get("typ");
    return type == null || "Bearer".equals(type)
        ? OAuth2TokenValidatorResult.success()
        : OAuth2TokenValidatorResult.failure(
            new OAuth2Error(
                OAuth2ErrorCodes.INVALID_TOKEN, "it is a token of the type " + type, null));
  }

  private URL keySet() {
    try {
      URI known = settings.jwkSetUri();
      return (known == null ? discovered() : known).toURL();
    } catch (IOException | IllegalArgumentException | JacksonException | KeySourceException e) {
      throw new JwtException("no keys of " + issuer + ": " + e.getMessage(), e);
    }
  }

  private URI discovered() throws IOException, KeySourceException {
    var document = WireJson.mapper().readTree(http.retrieveResource(discovery()).getContent());
    if (!issuer.toString().equals(document.path("issuer").asString(""))) {
      throw new KeySourceException("its discovery document names another issuer");
    }
    return URI.create(document.path("jwks_uri").asString(""));
  }

  private URL discovery() throws MalformedURLException {
    String base = issuer.toString();
    return URI.create(
            (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + DISCOVERY)
        .toURL();
  }
}
