package io.agentmanager.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jwt.JWTClaimsSet;
import io.agentmanager.database.KeyRing;
import io.agentmanager.gateway.RunningGateway;
import io.agentmanager.gateway.oidc.LocalIssuer;
import io.agentmanager.gateway.seal.SealedValues;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** Sessions of people over two replicas, with tokens of a local issuer. */
class SessionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static RunningGateway gateway;
  private static LocalIssuer issuer;
  private static JdbcTemplate jdbc;

  @BeforeAll
  static void start() throws Exception {
    issuer = new LocalIssuer();
    gateway =
        RunningGateway.start(
            2,
            "agentmanager.gateway.oidc.issuer-uri=" + issuer.issuer(),
            "agentmanager.gateway.sessions.per-person=2",
            // Besides version 1, which every gateway of these tests has.
            "agentmanager.encryption.keys=2:"
                + Base64.getEncoder()
                    .encodeToString("2".repeat(32).getBytes(StandardCharsets.UTF_8)));
    jdbc = gateway.bean(JdbcTemplate.class);
    String token = person("warm-up", "s0", "submitter");
    await().atMost(PATIENCE).until(() -> status(0, token, "x") == 200);
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
    issuer.close();
  }

  private static String person(String subject, String session, String role) {
    UnaryOperator<JWTClaimsSet.Builder> claims =
        c -> c.subject(subject).claim("sid", session).claim("roles", List.of(role));
    return issuer.token(claims);
  }

  private static RunningGateway.Answer call(
      int replica, String token, String method, String path, String device) {
    return gateway.call(replica, token, method, path, null, "User-Agent", device);
  }

  private static int status(int replica, String token, String device) {
    return call(replica, token, "GET", "/v1/workflows", device).status();
  }

  private static JsonNode sessions(String token, String device) {
    return call(0, token, "GET", "/v1/sessions", device).body().path("sessions");
  }

  @Test
  void aSessionBeginsWithItsFirstCallAndIsBoundToThatDevice() {
    String token = person("ann", "ann-1", "submitter");
    assertThat(status(0, token, "laptop")).isEqualTo(200);
    assertThat(status(1, token, "laptop")).isEqualTo(200);
    RunningGateway.Answer replayed = call(1, token, "GET", "/v1/workflows", "stolen");
    assertThat(replayed.status()).isEqualTo(401);
    assertThat(replayed.text("detail")).contains("another device");
    assertThat(status(0, token, "laptop")).as("the honest device goes on").isEqualTo(200);
    JsonNode listed = sessions(token, "laptop");
    assertThat(listed).hasSize(1);
    assertThat(listed.get(0).path("person").asString()).isEqualTo("oidc:ann");
    assertThat(listed.get(0).path("device").asString()).isEqualTo("laptop");
  }

  @Test
  void aSessionThatIsEndedIsRefusedByEveryReplicaAndDoesNotBeginAnew() {
    String token = person("ben", "ben-1", "submitter");
    assertThat(status(0, token, "d")).isEqualTo(200);
    assertThat(status(1, token, "d")).isEqualTo(200);
    String id = sessions(token, "d").get(0).path("session_id").asString();
    assertThat(call(0, token, "DELETE", "/v1/sessions/" + id, "d").status()).isEqualTo(204);
    assertThat(status(0, token, "d")).isEqualTo(401);
    await().atMost(PATIENCE).until(() -> status(1, token, "d") == 401);
    assertThat(Sessions.MEMORY).as("is all that it waited for").isLessThan(Duration.ofSeconds(5));
    assertThat(status(0, person("ben", "ben-2", "submitter"), "d")).isEqualTo(200);
  }

  @Test
  void allSessionsOfAPersonEndAtOnce() {
    String one = person("cat", "cat-1", "submitter");
    String two = person("cat", "cat-2", "submitter");
    String other = person("cy", "cy-1", "submitter");
    assertThat(List.of(status(0, one, "d"), status(0, two, "d"), status(0, other, "d")))
        .containsOnly(200);
    assertThat(call(0, one, "DELETE", "/v1/sessions", "d").status()).isEqualTo(204);
    assertThat(List.of(status(0, one, "d"), status(0, two, "d"))).containsOnly(401);
    assertThat(status(0, other, "d")).isEqualTo(200);
  }

  @Test
  void oneMoreThanAPersonMayHaveEndsTheOneThatWasIdleLongest() {
    List<String> tokens =
        List.of(
            person("dan", "dan-1", "submitter"),
            person("dan", "dan-2", "submitter"),
            person("dan", "dan-3", "submitter"));
    tokens.forEach(token -> assertThat(status(0, token, "d")).isEqualTo(200));
    await().atMost(PATIENCE).until(() -> status(0, tokens.get(0), "d") == 401);
    assertThat(status(0, tokens.get(1), "d")).isEqualTo(200);
    assertThat(sessions(tokens.get(2), "d")).hasSize(2);
  }

  @Test
  void anIdleSessionAndOneThatLastedTooLongAreOver() {
    String idle = person("eve", "eve-1", "submitter");
    String old = person("eva", "eva-1", "submitter");
    assertThat(List.of(status(0, idle, "d"), status(0, old, "d"))).containsOnly(200);
    jdbc.update(
        "UPDATE session SET last_seen = now() - interval '31 minutes' WHERE person = 'oidc:eve'");
    jdbc.update(
        "UPDATE session SET began_at = now() - interval '13 hours' WHERE person = 'oidc:eva'");
    await().atMost(PATIENCE).until(() -> status(0, idle, "d") == 401 && status(0, old, "d") == 401);
  }

  @Test
  void aPersonSeesAndEndsItsOwnAndAnAdministratorThoseOfItsTenant() {
    String fay = person("fay", "fay-1", "submitter");
    String admin = person("gus", "gus-1", "admin");
    String foreign =
        issuer.token(
            c ->
                c.subject("hal")
                    .claim("sid", "hal-1")
                    .claim("tenant", "other")
                    .claim("roles", List.of("admin")));
    assertThat(List.of(status(0, fay, "d"), status(0, admin, "d"), status(0, foreign, "d")))
        .containsOnly(200);
    String ofAdmin = sessions(admin, "d").toString();
    assertThat(ofAdmin).contains("oidc:fay", "oidc:gus").doesNotContain("oidc:hal");
    String id = sessions(fay, "d").get(0).path("session_id").asString();
    String adminsId =
        call(0, admin, "GET", "/v1/sessions?person=oidc:gus", "d")
            .body()
            .path("sessions")
            .get(0)
            .path("session_id")
            .asString();
    assertThat(call(0, fay, "DELETE", "/v1/sessions/" + adminsId, "d").status()).isEqualTo(404);
    assertThat(call(0, fay, "GET", "/v1/sessions?person=oidc:gus", "d").status()).isEqualTo(403);
    assertThat(call(0, foreign, "DELETE", "/v1/sessions/" + id, "d").status()).isEqualTo(404);
    assertThat(call(0, admin, "DELETE", "/v1/sessions/" + id, "d").status()).isEqualTo(204);
    assertThat(status(0, fay, "d")).isEqualTo(401);
  }

  @Test
  void machinesHaveNoSessions() {
    String machine = issuer.token(c -> c.subject("bot"));
    assertThat(status(0, machine, "a")).isEqualTo(200);
    assertThat(status(0, machine, "b")).isEqualTo(200);
    assertThat(sessions(RunningGateway.ADMINISTRATOR, "c").toString()).doesNotContain("bot");
  }

  @Test
  void anOperatorHasWhatWasSealedBeforeSealedAnewWhereTheKeyIsOld() {
    String jo = person("jo", "jo-1", "submitter");
    String lost = person("joe", "joe-1", "submitter");
    assertThat(List.of(status(0, jo, "d"), status(0, lost, "d"))).containsOnly(200);
    SealedValues before =
        new SealedValues(KeyRing.parse("ENCRYPTION_KEYS", RunningGateway.KEYS, "AES"));
    String id = sessions(jo, "d").get(0).path("session_id").asString();
    relabel("jo", before.seal("session/" + id, "an old laptop"));
    relabel("joe", before.seal("session/" + id, "of another place"));
    assertThat(sessions(jo, "d").get(0).path("device").asString()).isEqualTo("an old laptop");
    RunningGateway.Answer answer =
        gateway.call(RunningGateway.ADMINISTRATOR, "POST", "/v1/encryption/rotate");
    assertThat(answer.body().toString())
        .isEqualTo("{\"resealed\":1,\"key_version\":2,\"unreadable\":1}");
    assertThat(before.isOld(labelOf("jo"))).isFalse();
    assertThatThrownBy(() -> before.open("session/" + id, labelOf("jo")))
        .isInstanceOf(SealedValues.Unreadable.class);
    assertThat(sessions(jo, "d").get(0).path("device").asString()).isEqualTo("an old laptop");
    String admin = person("kim", "kim-1", "admin");
    assertThat(call(0, admin, "POST", "/v1/encryption/rotate", "d").status()).isEqualTo(403);
  }

  private static String labelOf(String person) {
    return jdbc.queryForObject(
        "SELECT label FROM session WHERE person = ?", String.class, "oidc:" + person);
  }

  private static void relabel(String person, String label) {
    jdbc.update("UPDATE session SET label = ? WHERE person = ?", label, "oidc:" + person);
  }

  @Test
  void whatADeviceSaysOfItselfIsSealed() {
    assertThat(status(0, person("ida", "ida-1", "submitter"), "a very secret device"))
        .isEqualTo(200);
    assertThat(jdbc.queryForList("SELECT session::text FROM session", String.class).toString())
        .doesNotContain("secret device")
        .doesNotContain("ida-1");
  }
}
