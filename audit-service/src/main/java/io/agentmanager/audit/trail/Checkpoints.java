package io.agentmanager.audit.trail;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.agentmanager.contracts.id.TenantId;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * Statements of where a chain stood, signed as JSON Web Signatures (RFC 7515, ES256), which whoever
 * knows the public key can check without the service.
 */
final class Checkpoints {
  private static final String SEQ = "seq";
  private static final String HASH = "hash";
  private final List<ECKey> keys;
  private final InstantSource clock;

  private Checkpoints(List<ECKey> keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Signs with the first key and takes what any of them signed.
   *
   * @param text a JSON Web Key on P-256 with its private part, or a set of them (RFC 7517)
   * @throws IllegalArgumentException when it is none; the message shows no key
   */
  static Checkpoints parse(String text, InstantSource clock) {
    try {
      List<ECKey> keys =
          text.contains("\"keys\"")
              ? JWKSet.parse(text).getKeys().stream().map(JWK::toECKey).toList()
              : List.of(ECKey.parse(text));
      new ECDSASigner(keys.getFirst());
      for (ECKey key : keys) {
        if (!Curve.P_256.equals(key.getCurve())) {
          throw new IllegalArgumentException("not on P-256");
        }
      }
      return new Checkpoints(keys, clock);
    } catch (ParseException | JOSEException | RuntimeException e) {
      throw new IllegalArgumentException(
          "TRAIL_SIGNING_KEY must be a JSON Web Key on P-256 with its private part, or a set of"
              + " them; `./am keys make` makes one");
    }
  }

  /** What a checkpoint says of a chain. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
  record Statement(TenantId tenant, long seq, byte[] hash) {}

  String sign(Statement statement) {
    ECKey key = keys.getFirst();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .subject(statement.tenant().value())
            .claim(SEQ, statement.seq())
            .claim(HASH, Base64.getUrlEncoder().withoutPadding().encodeToString(statement.hash()))
            .issueTime(Date.from(clock.instant()))
            .build();
    try {
      String thumbprint = key.computeThumbprint().toString();
      SignedJWT signed =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(thumbprint).build(), claims);
      signed.sign(new ECDSASigner(key));
      return signed.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign a checkpoint", e);
    }
  }

  /** What a checkpoint says; empty when none of the keys signed it. */
  Optional<Statement> read(String checkpoint) {
    try {
      SignedJWT signed = SignedJWT.parse(checkpoint.strip());
      if (!isSignedByUs(signed)) {
        return Optional.empty();
      }
      JWTClaimsSet claims = signed.getJWTClaimsSet();
      return Optional.of(
          new Statement(
              new TenantId(claims.getSubject()),
              claims.getLongClaim(SEQ),
              Base64.getUrlDecoder().decode(claims.getStringClaim(HASH))));
    } catch (ParseException | JOSEException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private boolean isSignedByUs(SignedJWT signed) throws JOSEException {
    if (!JWSAlgorithm.ES256.equals(signed.getHeader().getAlgorithm())) {
      return false;
    }
    for (ECKey key : keys) {
      if (signed.verify(new ECDSAVerifier(key.toPublicJWK()))) {
        return true;
      }
    }
    return false;
  }
}
