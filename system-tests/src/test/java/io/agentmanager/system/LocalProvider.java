package io.agentmanager.system;

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
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** An identity provider on this machine that knows the device flow and signs its tokens. */
final class LocalProvider {
  private static final int RSA_BITS = 2048;
  private final HttpServer server;
  private final RSAKey key = newKey();
  private final AtomicInteger refreshes = new AtomicInteger();

  /** What it says to whoever asks for the device's token: an error, or nothing but the token. */
  private volatile String answer = "authorization_pending";

  private static LocalProvider only;

  private LocalProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  /** The one that the shared stack knows. */
  static synchronized LocalProvider get() {
    if (only == null) {
      try {
        only = new LocalProvider();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return only;
  }

  private static RSAKey newKey() {
    try {
      return new RSAKeyGenerator(RSA_BITS).keyID("k").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void answersWith(String error) {
    answer = error;
  }

  int refreshes() {
    return refreshes.get();
  }

  private void serve(HttpExchange exchange) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    switch (exchange.getRequestURI().getPath()) {
      case "/.well-known/openid-configuration" ->
          send(
              exchange,
              200,
              """
              {"issuer": "%1$s", "jwks_uri": "%1$s/keys", "token_endpoint": "%1$s/token",
               "device_authorization_endpoint": "%1$s/device",
               "subject_types_supported": ["public"]}
              """
                  .formatted(issuer()));
      case "/keys" -> send(exchange, 200, new JWKSet(key.toPublicJWK()).toString());
      case "/device" ->
          send(
              exchange,
              200,
              """
              {"device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": "%s/confirm",
               "expires_in": 60, "interval": 1}
              """
                  .formatted(issuer()));
      case "/token" -> token(exchange, form.contains("grant_type=refresh_token"));
      default -> send(exchange, 404, "{}");
    }
  }

  private void token(HttpExchange exchange, boolean refresh) throws IOException {
    if (!refresh && !answer.isEmpty()) {
      send(exchange, 400, "{\"error\": \"" + answer + "\"}");
      return;
    }
    int life = refresh ? 300 : 1;
    refreshes.addAndGet(refresh ? 1 : 0);
    send(
        exchange,
        200,
        """
        {"access_token": "%s", "token_type": "Bearer", "expires_in": %d, "refresh_token": "r"}
        """
            .formatted(token(claims -> claims), life));
  }

  /** A good token of a submitter of the tenant {@code acme}, with other claims. */
  String token(UnaryOperator<JWTClaimsSet.Builder> change) {
    return signed(key, change);
  }

  /** That token signed with a key that the provider never had. */
  String forged() {
    return signed(newKey(), claims -> claims);
  }

  private String signed(RSAKey signer, UnaryOperator<JWTClaimsSet.Builder> change) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer())
            .subject("ann")
            .audience(List.of("agentmanager"))
            .claim("tenant", "acme")
            .claim("sid", "s1")
            .claim("roles", List.of("submitter"))
            .issueTime(Date.from(Instant.now()))
            .expirationTime(Date.from(Instant.now().plusSeconds(300)));
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

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
