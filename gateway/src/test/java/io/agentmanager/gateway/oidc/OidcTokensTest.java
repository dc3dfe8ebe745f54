package io.agentmanager.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.agentmanager.gateway.RunningGateway;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** Tokens of an identity provider, good and bad, at a running gateway. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OidcTokensTest {
  private static LocalIssuer issuer;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    issuer = new LocalIssuer();
    issuer.setAway(true);
    gateway = RunningGateway.start(1, "agentmanager.gateway.oidc.issuer-uri=" + issuer.issuer());
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
    issuer.close();
  }

  @Test
  @Order(1)
  void theGatewayStartsWithoutTheProviderAndSaysThatItIsAway() {
    for (int i = 0; i < 10; i++) {
      assertThat(status(issuer.token())).isEqualTo(503);
    }
    assertThat(status(RunningGateway.ADMINISTRATOR)).isEqualTo(200);
    issuer.setAway(false);
    await().atMost(Duration.ofSeconds(15)).until(() -> status(issuer.token()) == 200);
  }

  @Test
  @Order(2)
  void aTokenCarriesSubjectTenantAndKnownRolesToTheServices() {
    JsonNode claims = gateway.call(issuer.token(), "GET", "/v1/workflows").body();
    assertThat(claims.path("sub").asString()).isEqualTo("oidc:8d1f");
    assertThat(claims.path("tenant").asString()).isEqualTo("acme");
    assertThat(claims.path("roles").toString()).isEqualTo("[\"submitter\"]");
  }

  @Test
  @Order(2)
  void aTenantMayComeAsAnOrganization() {
    assertThat(tenantOf(List.of("solo"))).isEqualTo("solo");
    assertThat(tenantOf(Map.of("solo", Map.of("id", "1")))).isEqualTo("solo");
    for (Object odd : List.of(List.of("a", "b"), Map.of(), 7, "a/b", "")) {
      assertThat(status(issuer.token(c -> c.claim("tenant", odd)))).as("%s", odd).isEqualTo(401);
    }
  }

  @Test
  @Order(2)
  void capabilitiesThatCannotBeReadBindToNothingRatherThanToAll() {
    String bound = issuer.token(c -> c.claim("capabilities", List.of("writer")));
    assertThat(gateway.call(bound, "GET", "/v1/workflows").body().path("capabilities").toString())
        .isEqualTo("[\"writer\"]");
    for (Object odd : List.of("writer", List.of(), List.of(7), 7)) {
      assertThat(status(issuer.token(c -> c.claim("capabilities", odd)))).isEqualTo(401);
    }
  }

  @Test
  @Order(2)
  void theRoleOfAnOperatorIsNotTheProvidersToGive() {
    String token = issuer.token(c -> c.claim("roles", List.of("admin", "operator")));
    JsonNode claims = gateway.call(token, "GET", "/v1/workflows").body();
    assertThat(claims.path("roles").toString()).isEqualTo("[\"admin\"]");
  }

  @Test
  @Order(2)
  void whatIsNotTheProvidersOwnTokenForUsIsRefused() {
    Instant past = Instant.now().minusSeconds(120);
    assertThat(status(issuer.token(c -> c.issuer("https://elsewhere")))).isEqualTo(401);
    assertThat(status(issuer.token(c -> c.audience("another")))).isEqualTo(401);
    assertThat(status(issuer.token(c -> c.audience((String) null)))).isEqualTo(401);
    assertThat(status(issuer.token(c -> c.expirationTime(Date.from(past))))).isEqualTo(401);
    assertThat(status(issuer.token(c -> c.expirationTime(null)))).isEqualTo(401);
    assertThat(status(issuer.token(c -> c.subject(null)))).isEqualTo(401);
    assertThat(status(issuer.token(c -> c.claim("typ", "ID")))).isEqualTo(401);
    assertThat(
            status(issuer.token(c -> c.notBeforeTime(Date.from(Instant.now().plusSeconds(300))))))
        .isEqualTo(401);
    assertThat(status(issuer.forged())).isEqualTo(401);
    assertThat(status(tampered(issuer.token()))).isEqualTo(401);
    assertThat(status(unsigned())).isEqualTo(401);
  }

  @Test
  @Order(3)
  void keysRotateWithoutARestart() {
    issuer.rotate();
    await().atMost(Duration.ofSeconds(15)).until(() -> status(issuer.token()) == 200);
  }

  @Test
  @Order(4)
  void madeUpKeysDoNotMakeTheGatewayAskTheProviderOverAndOver() {
    int before = issuer.keyRequests();
    for (int i = 0; i < 20; i++) {
      assertThat(status(issuer.ofUnknownKey(i))).isEqualTo(401);
    }
    assertThat(issuer.keyRequests() - before).isLessThan(10);
    assertThat(status(issuer.token())).isEqualTo(200);
  }

  @Test
  @Order(5)
  void keysThatAreKnownNeedNoProvider() {
    issuer.setAway(true);
    assertThat(status(issuer.token(c -> c.jwtID("another")))).isEqualTo(200);
  }

  @Test
  @Order(6)
  void keysThatCannotBeFetchedAreAnOutageAndNoFaultOfTheToken() throws Exception {
    try (LocalIssuer without = new LocalIssuer()) {
      without.setAway(true);
      try (RunningGateway other =
          RunningGateway.start(
              1,
              "agentmanager.gateway.oidc.issuer-uri=" + without.issuer(),
              "agentmanager.gateway.oidc.jwk-set-uri=" + without.issuer() + "/keys")) {
        for (int i = 0; i < 10; i++) {
          assertThat(other.call(without.token(), "GET", "/v1/workflows").status()).isEqualTo(503);
        }
      }
    }
  }

  private static String tenantOf(Object claim) {
    return gateway
        .call(issuer.token(c -> c.claim("tenant", claim)), "GET", "/v1/workflows")
        .text("tenant");
  }

  private static int status(String token) {
    return gateway.call(token, "GET", "/v1/workflows").status();
  }

  private static String tampered(String token) {
    String[] parts = token.split("\\.");
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]));
    byte[] changed = claims.replace("acme", "evil").getBytes();
    return parts[0]
        + "."
        + Base64.getUrlEncoder().withoutPadding().encodeToString(changed)
        + "."
        + parts[2];
  }

  private static String unsigned() {
    return new PlainJWT(
            new JWTClaimsSet.Builder()
                .issuer(issuer.issuer())
                .subject("8d1f")
                .audience("agentmanager")
                .claim("tenant", "acme")
                .claim("roles", List.of("admin"))
                .expirationTime(Date.from(Instant.now().plusSeconds(60)))
                .build())
        .serialize();
  }
}
