package io.agentmanager.gateway.token;

import static io.agentmanager.gateway.RunningGateway.ADMINISTRATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agentmanager.gateway.RunningGateway;
import io.agentmanager.gateway.RunningGateway.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** API tokens on two replicas of the gateway that share a database. */
class ApiTokensTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = RunningGateway.start(2);
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
  }

  @Test
  void aTokenCarriesItsNameTenantRolesAndCapabilitiesToTheServices() {
    String secret =
        gateway.token(
            "carrier", "\"tenant\":\"acme\",\"roles\":[\"worker\"],\"capabilities\":[\"writer\"]");
    JsonNode claims = gateway.call(secret, "GET", "/v1/workers").body();
    assertThat(claims.path("sub").asString()).isEqualTo("token:carrier");
    assertThat(claims.path("tenant").asString()).isEqualTo("acme");
    assertThat(texts(claims.path("roles"))).containsExactly("worker");
    assertThat(texts(claims.path("capabilities"))).containsExactly("writer");
  }

  @Test
  void aSecretIsShownOnceAndListedNowhere() {
    Answer made = create("{\"name\":\"once\",\"roles\":[\"submitter\"]}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.text("secret")).matches("amt_[A-Za-z0-9_-]{43}");
    assertThat(made.headers().firstValue("Cache-Control")).hasValue("no-store");
    Answer list = gateway.call(ADMINISTRATOR, "GET", "/v1/tokens");
    assertThat(list.body().toString()).contains("once").doesNotContain("amt_");
    assertThat(named("once").path("created_by").asString()).isEqualTo("token:administrator");
  }

  @Test
  void aRevokedTokenIsRefusedByEveryReplicaWithinFiveSeconds() {
    String secret = gateway.token("revoked", "\"roles\":[\"submitter\"]");
    assertThat(status(0, secret)).isEqualTo(200);
    assertThat(status(1, secret)).isEqualTo(200);
    String id = named("revoked").path("token_id").asString();
    assertThat(gateway.call(ADMINISTRATOR, "DELETE", "/v1/tokens/" + id).status()).isEqualTo(204);
    assertThat(status(0, secret)).isEqualTo(401);
    await().atMost(PATIENCE).until(() -> status(1, secret) == 401);
    assertThat(ApiTokens.MEMORY).as("is all that it waited for").isLessThan(Duration.ofSeconds(5));
    assertThat(gateway.call(ADMINISTRATOR, "DELETE", "/v1/tokens/" + id).status()).isEqualTo(404);
  }

  @Test
  void aRotatedTokenKeepsItsOldSecretForTheGraceAndNoThirdOne() {
    String first = gateway.token("rotated", "\"roles\":[\"submitter\"]");
    String id = named("rotated").path("token_id").asString();
    String second = rotate(id, "{\"grace\":\"PT1H\"}").text("secret");
    assertThat(List.of(status(0, first), status(0, second))).containsOnly(200);
    String third = rotate(id, "{\"grace\":\"PT0S\"}").text("secret");
    assertThat(List.of(status(0, first), status(0, second))).containsOnly(401);
    assertThat(status(0, third)).isEqualTo(200);
    assertThat(rotate(id, "{\"grace\":\"P8D\"}").status()).isEqualTo(422);
    assertThat(rotate("unknown", null).status()).isEqualTo(404);
  }

  @Test
  void aTokenEndsWithItsTime() {
    Instant end = Instant.now().plusSeconds(5);
    String secret =
        gateway.token("brief", "\"roles\":[\"submitter\"],\"expires_at\":\"" + end + "\"");
    assertThat(status(0, secret)).isEqualTo(200);
    await().atMost(PATIENCE).until(() -> status(0, secret) == 401);
    assertThat(Instant.now()).isBetween(end, end.plusSeconds(15));
  }

  @Test
  void administratorsOfOneTenantReachNoOther() {
    String acme = gateway.token("acme-admin", "\"tenant\":\"acme\",\"roles\":[\"admin\"]");
    assertThat(create(acme, "{\"name\":\"own\",\"roles\":[\"worker\"]}").status()).isEqualTo(201);
    JsonNode list = gateway.call(acme, "GET", "/v1/tokens").body().path("tokens");
    assertThat(list.findValuesAsString("tenant")).isNotEmpty().containsOnly("acme");
    String foreign = named("administrator").path("token_id").asString();
    assertThat(gateway.call(acme, "DELETE", "/v1/tokens/" + foreign).status()).isEqualTo(404);
    assertThat(gateway.call(acme, "POST", "/v1/tokens/" + foreign + "/rotate").status())
        .isEqualTo(404);
    assertThat(
            create(acme, "{\"name\":\"x\",\"tenant\":\"other\",\"roles\":[\"worker\"]}").status())
        .isEqualTo(403);
  }

  @Test
  void nobodyBecomesAnOperatorByMakingOrRotatingTokens() {
    String admin = gateway.token("plain-admin", "\"roles\":[\"admin\"]");
    assertThat(create(admin, "{\"name\":\"up\",\"roles\":[\"admin\",\"operator\"]}").status())
        .isEqualTo(403);
    String operator = named("administrator").path("token_id").asString();
    assertThat(gateway.call(admin, "POST", "/v1/tokens/" + operator + "/rotate").status())
        .isEqualTo(404);
    assertThat(gateway.call(admin, "DELETE", "/v1/tokens/" + operator).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"roles\":[\"worker\"]} | /name",
        "{\"name\":\"a b\",\"roles\":[\"worker\"]} | /name",
        "{\"name\":\"x\"} | /roles",
        "{\"name\":\"x\",\"roles\":[]} | /roles",
        "{\"name\":\"x\",\"roles\":[null]} | /roles",
        "{\"name\":\"x\",\"roles\":[\"king\"]} | /roles/0",
        "{\"name\":\"x\",\"roles\":[\"worker\"],\"capabilities\":[\"\"]} | /capabilities",
        "{\"name\":\"x\",\"roles\":[\"worker\"],\"capabilities\":[]} | /capabilities",
        "{\"name\":\"x\",\"roles\":[\"worker\"],\"tenant\":\"a/b\"} | /tenant",
        "{\"name\":\"x\",\"roles\":[\"worker\"],\"expires_at\":\"2020-01-01T00:00:00Z\"} |"
            + " /expires_at",
        "{\"name\":\"x\",\"roles\":[\"worker\"],\"extra\":1} | /extra"
      })
  void whatIsWrongWithATokenIsNamed(String body, String pointer) {
    Answer answer = create(body);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("errors").path(0).path("pointer").asString()).isEqualTo(pointer);
  }

  @Test
  void anAdministratorWithBoundCapabilitiesMakesNoFreeToken() {
    String bound =
        gateway.token("bound-admin", "\"roles\":[\"admin\"],\"capabilities\":[\"a\",\"b\"]");
    assertThat(create(bound, "{\"name\":\"f\",\"roles\":[\"worker\"]}").status()).isEqualTo(403);
    assertThat(
            create(bound, "{\"name\":\"f\",\"roles\":[\"worker\"],\"capabilities\":[\"c\"]}")
                .status())
        .isEqualTo(403);
    assertThat(
            create(bound, "{\"name\":\"f\",\"roles\":[\"worker\"],\"capabilities\":[\"a\"]}")
                .status())
        .isEqualTo(201);
    gateway.token("free-worker", "\"roles\":[\"worker\"]");
    String free = named("free-worker").path("token_id").asString();
    assertThat(gateway.call(bound, "POST", "/v1/tokens/" + free + "/rotate").status())
        .isEqualTo(403);
  }

  @Test
  void aNameIsTakenOnceInATenant() {
    assertThat(create("{\"name\":\"twice\",\"roles\":[\"worker\"]}").status()).isEqualTo(201);
    assertThat(create("{\"name\":\"twice\",\"roles\":[\"worker\"]}").status()).isEqualTo(409);
  }

  @Test
  void itIsNotedToTheMinuteWhenATokenWasUsed() {
    String secret = gateway.token("used", "\"roles\":[\"submitter\"]");
    assertThat(named("used").has("last_used_at")).isFalse();
    assertThat(status(0, secret)).isEqualTo(200);
    assertThat(named("used").has("last_used_at")).isTrue();
  }

  private static Answer create(String body) {
    return create(ADMINISTRATOR, body);
  }

  private static Answer create(String token, String body) {
    return gateway.call(token, "POST", "/v1/tokens", body);
  }

  private static Answer rotate(String id, String body) {
    return gateway.call(ADMINISTRATOR, "POST", "/v1/tokens/" + id + "/rotate", body);
  }

  private static int status(int replica, String token) {
    return gateway.call(replica, token, "GET", "/v1/workflows", null).status();
  }

  private static JsonNode named(String name) {
    JsonNode tokens = gateway.call(ADMINISTRATOR, "GET", "/v1/tokens").body().path("tokens");
    return StreamSupport.stream(tokens.spliterator(), false)
        .filter(token -> token.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asString).toList();
  }
}
