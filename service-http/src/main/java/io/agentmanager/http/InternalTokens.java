package io.agentmanager.http;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.agentmanager.contracts.id.TenantId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

/**
 * The short-lived tokens that the services trust, and nothing else: signed by the gateway for a
 * caller from outside, or by a service for itself (HS256 with a secret that only they share).
 */
public final class InternalTokens {
  /** The role of a service that calls another. */
  public static final String SERVICE_ROLE = "service";

  static final String TENANT = "tenant";
  static final String ROLES = "roles";
  private static final String AUDIENCE = "agentmanager-services";
  private static final Duration LIFE = Duration.ofMinutes(1);
  private static final Duration SKEW = Duration.ofSeconds(30);
  private static final int LEAST_SECRET_BYTES = 32;

  private final SecretKey key;
  private final MACSigner signer;
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

  /** A token for a caller that was identified outside. */
  public String mint(TenantId tenant, String subject, List<String> roles) {
    var now = clock.instant();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .audience(AUDIENCE)
            .subject(subject)
            .claim(TENANT, tenant.value())
            .claim(ROLES, roles)
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
    return mint(tenant, issuer, List.of(SERVICE_ROLE));
  }

  /** Checks signature, algorithm, audience and times. */
  public ReactiveJwtDecoder decoder() {
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
