package io.agentmanager.gateway.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * An OpenID Connect provider on this machine: discovery, keys, and tokens that are really signed.
 */
public final class LocalIssuer implements AutoCloseable {
  private static final int RSA_BITS = 2048;
  private final HttpServer server;
  private final AtomicInteger keyRequests = new AtomicInteger();
  private volatile RSAKey key = newKey("first");
  private volatile boolean away;

  public LocalIssuer() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/.well-known/openid-configuration",
        exchange ->
            answer(
                exchange,
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuer(), issuer())));
    server.createContext("/keys", this::keys);
    server.start();
  }

  public String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Signs with another key from now on, and forgets the one before. */
  void rotate() {
    key = newKey("second");
  }

  void setAway(boolean away) {
    this.away = away;
  }

  int keyRequests() {
    return keyRequests.get();
  }

  /** A good token of a submitter of the tenant {@code acme}, good for an hour. */
  public String token() {
    return token(claims -> claims);
  }

  /** That token with other claims. */
  public String token(UnaryOperator<JWTClaimsSet.Builder> change) {
    return signed(key, change);
  }

  /** That token signed with a key that the provider never had. */
  String forged() {
    return signed(newKey("first"), claims -> claims);
  }

  /** That token with the name of a key that nobody has. */
  String ofUnknownKey(int number) {
    return signed(new RSAKey.Builder(key).keyID("unknown-" + number).build(), claims -> claims);
  }

  private String signed(RSAKey signer, UnaryOperator<JWTClaimsSet.Builder> change) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer())
            .subject("8d1f")
            .audience(List.of("account", "agentmanager"))
            .claim("tenant", "acme")
            .claim("roles", List.of("submitter", "offline_access"))
            .issueTime(Date.from(Instant.now()))
            .expirationTime(Date.from(Instant.now().plusSeconds(3600)));
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID(signer.getKeyID())
            .type(JOSEObjectType.JWT)
            .build();
    SignedJWT token = new SignedJWT(header, change.apply(claims).build());
    try {
      token.sign(new RSASSASigner(signer));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
    return token.serialize();
  }

  private void keys(HttpExchange exchange) throws IOException {
    keyRequests.incrementAndGet();
    answer(exchange, new JWKSet(key.toPublicJWK()).toString());
  }

  private void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(away ? 503 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static RSAKey newKey(String id) {
    try {
      return new RSAKeyGenerator(RSA_BITS).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
