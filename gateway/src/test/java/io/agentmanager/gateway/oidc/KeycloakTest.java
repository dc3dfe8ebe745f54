package io.agentmanager.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.gateway.RunningGateway;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The realm of {@code deploy/keycloak}, and tokens that a real Keycloak mints by it. */
@Tag("keycloak")
class KeycloakTest {
  private static Keycloak keycloak;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    keycloak = new Keycloak(Path.of("target/keycloak"));
    gateway = RunningGateway.start(1, "agentmanager.gateway.oidc.issuer-uri=" + keycloak.issuer());
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
    keycloak.close();
  }

  @Test
  void aWorkerComesWithItsClientsCredentials() throws Exception {
    String token =
        keycloak
            .token(
                "agentmanager",
                Map.of(
                    "grant_type", "client_credentials",
                    "client_id", "am-worker",
                    "client_secret", keycloak.workerSecret()))
            .path("access_token")
            .asString();
    JsonNode claims = gateway.call(token, "GET", "/v1/workers").body();
    assertThat(claims.path("tenant").asString()).isEqualTo("acme");
    assertThat(claims.path("roles").toString()).isEqualTo("[\"worker\"]");
    assertThat(claims.path("sub").asString()).startsWith("oidc:");
    assertThat(gateway.call(token, "POST", "/v1/tasks", "{}").status()).isEqualTo(403);
  }

  @Test
  void aPersonComesWithTenantAndRoles() throws Exception {
    String token = keycloak.personsToken("alice", "globex", "auditor");
    JsonNode claims = gateway.call(token, "GET", "/v1/workflows").body();
    assertThat(claims.path("tenant").asString()).isEqualTo("globex");
    assertThat(claims.path("roles").toString()).isEqualTo("[\"auditor\"]");
    assertThat(gateway.call(token, "POST", "/v1/tasks", "{}").status()).isEqualTo(403);
  }

  @Test
  void aPersonsTokenNamesItsSessionAndWhenThePersonSignedIn() throws Exception {
    assertThat(keycloak.personsToken("bob", "globex", "submitter")).isNotEmpty();
    String token = keycloak.signedIn("bob");
    JsonNode claims =
        WireJson.mapper().readTree(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
    assertThat(claims.path("sid").asString("")).isNotEmpty();
    assertThat(claims.path("auth_time").asLong(0)).isPositive();
    assertThat(gateway.call(token, "GET", "/v1/workflows").status()).isEqualTo(200);
    assertThat(gateway.call(token, "DELETE", "/v1/sessions").status()).isEqualTo(204);
    assertThat(gateway.call(token, "GET", "/v1/workflows").status()).isEqualTo(401);
    String again = keycloak.signedIn("bob");
    assertThat(gateway.call(again, "GET", "/v1/workflows").status()).isEqualTo(200);
  }

  @Test
  void theCommandLineMayUseTheDeviceFlowAndOthersMayNot() throws Exception {
    assertThat(keycloak.device("am-cli").path("user_code").asString("")).isNotEmpty();
    assertThat(keycloak.device("am-console").path("user_code").asString("")).isEmpty();
  }

  @Test
  void theConsoleGetsNoCodeWithoutProofKeyForCodeExchange() throws Exception {
    assertThat(keycloak.authorize("")).startsWith("302").contains("error=invalid_request");
    assertThat(keycloak.authorize(Keycloak.PROOF)).startsWith("200");
  }

  @Test
  void nobodyGetsATokenByPasswordFromTheRealmsOwnClients() throws Exception {
    for (String client : new String[] {"am-cli", "am-console"}) {
      JsonNode answer =
          keycloak.token(
              "agentmanager",
              Map.of(
                  "grant_type", "password", "client_id", client, "username", "x", "password", "x"));
      assertThat(answer.path("error").asString()).isEqualTo("unauthorized_client");
    }
  }
}
