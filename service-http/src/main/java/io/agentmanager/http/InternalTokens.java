package io.agentmanager.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.agentmanager.contracts.id.TenantId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import reactor.core.publisher.Mono;

/**
 * The short-lived tokens that the services trust, and nothing else: signed by the gateway for a
 * caller from outside, or by a service for itself (HS256 with a secret that only they share).
 */
public final class InternalTokens {
  /** The role of a service that calls another. */
  public static final String SERVICE_ROLE = "service";

  static final String TENANT = "tenant";
  static final String ROLES = "roles";
  static final String CAPABILITIES = "capabilities";
  private static final String AUDIENCE = "agentmanager-services";
  private static final Duration LIFE = Duration.ofMinutes(1);
  private static final Duration FRESH = Duration.ofSeconds(20);
  private static final int MOST_REMEMBERED = 10_000;

  /** How far clocks may be apart. */
  static final Duration SKEW = Duration.ofSeconds(30);

  private static final int LEAST_SECRET_BYTES = 32;

  private final SecretKey key;
  private final MACSigner signer;
  private final Cache<Caller, String> minted =
      Caffeine.newBuilder().expireAfterWrite(FRESH).maximumSize(MOST_REMEMBERED).build();
  private final String issuer;
  private final InstantSource clock;

  /**
   * Signs and checks with the shared secret.
   *
   * @param secret at least 32 bytes
   * @param issuer the service that signs here
   * @throws IllegalArgumentException when the secret is too short
   */
  public InternalTokens(String secret, String issuer, InstantSource clock) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < LEAST_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "agentmanager.internal.secret (INTERNAL_TOKEN_SECRET) needs at least 32 bytes");
    }
    this.key = new SecretKeySpec(bytes, "HmacSHA256");
    this.issuer = issuer;
    this.clock = clock;
    try {
      this.signer = new MACSigner(key);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("unusable secret", e);
    }
  }

  /**
   * A token for a caller that was identified outside. One caller's calls share a token while most
   * of its life is left.
   */
  public String mint(Caller caller) {
    return minted.get(caller, this::sign);
  }

  private String sign(Caller caller) {
    var now = clock.instant();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .audience(AUDIENCE)
            .subject(caller.name())
            .claim(TENANT, caller.tenant().value())
            .claim(ROLES, List.copyOf(caller.roles()))
            .claim(CAPABILITIES, List.copyOf(caller.capabilities()))
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(LIFE)))
            .jwtID(UUID.randomUUID().toString())
            .build();
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    try {
      token.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign an internal token", e);
    }
    return token.serialize();
  }

  /** A token for this service itself, to act on one tenant's data. */
  public String mintForService(TenantId tenant) {
    return mint(new Caller(tenant, issuer, Set.of(SERVICE_ROLE), Set.of()));
  }

  /**
   * Checks signature, algorithm, audience and times. What passed is remembered for as long as it is
   * valid.
   */
  public ReactiveJwtDecoder decoder() {
    ReactiveJwtDecoder checking = checkingDecoder();
    Cache<String, Jwt> passed =
        Caffeine.newBuilder().expireAfterWrite(LIFE).maximumSize(MOST_REMEMBERED).build();
    return token -> {
      Jwt known = passed.getIfPresent(token);
      return known != null && isValid(known)
          ? Mono.just(known)
          : checking.decode(token).doOnNext(jwt -> passed.put(token, jwt));
    };
  }

  /** The time by which tokens are signed. */
  Instant now() {
    return clock.instant();
  }

  private boolean isValid(Jwt jwt) {
    Instant end = jwt.getExpiresAt();
    return end != null && clock.instant().isBefore(end);
  }

  private ReactiveJwtDecoder checkingDecoder() {
    NimbusReactiveJwtDecoder decoder =
        NimbusReactiveJwtDecoder.withSecretKey(key).macAlgorithm(MacAlgorithm.HS256).build();
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            new JwtTimestampValidator(SKEW),
            new JwtClaimValidator<List<String>>(
                "aud", audience -> audience != null && audience.contains(AUDIENCE))));
    return decoder;
  }
}
