package io.agentmanager.gateway.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.gateway.RunningGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the gateway notes, as it waits for a broker that is away. */
class TrailedCallsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static RunningGateway gateway;
  private static JdbcTemplate jdbc;

  @BeforeAll
  static void start() throws Exception {
    gateway = RunningGateway.start(1, "agentmanager.gateway.trusted-proxies.count=1");
    jdbc = gateway.bean(JdbcTemplate.class);
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
  }

  private static List<Map<String, Object>> entries(String action) {
    return jdbc.queryForList(
        """
        SELECT tenant_id AS tenant, entry ->> 'actor' AS actor, entry ->> 'object' AS object,
               (entry ->> 'status')::int AS status, entry ->> 'origin' AS origin
        FROM trail_outbox WHERE entry ->> 'action' = ? ORDER BY id
        """,
        action);
  }

  @Test
  void whoeverHearsThatSomethingWasDoneFindsItNoted() {
    RunningGateway.Answer made =
        gateway.call(
            RunningGateway.ADMINISTRATOR,
            "POST",
            "/v1/tokens",
            "{\"name\":\"noted\",\"roles\":[\"worker\"]}");
    String id = made.body().path("token").path("token_id").asString();
    assertThat(entries("token.create"))
        .anySatisfy(
            entry ->
                assertThat(entry)
                    .containsEntry("tenant", "default")
                    .containsEntry("actor", "token:administrator")
                    .containsEntry("object", id)
                    .containsEntry("status", 201)
                    .containsEntry("origin", "127.0.0.1"));
    gateway.call(RunningGateway.ADMINISTRATOR, "DELETE", "/v1/tokens/" + id);
    assertThat(entries("token.revoke")).anyMatch(entry -> id.equals(entry.get("object")));
    gateway.call(RunningGateway.ADMINISTRATOR, "POST", "/v1/tasks", "{}");
    assertThat(entries("workflow.submit")).hasSize(1);
  }

  @Test
  void refusalsAreNotedAsWell() {
    String worker = gateway.token("refused", "\"roles\":[\"worker\"]");
    gateway.call(worker, "POST", "/v1/workflows/w1/cancel", "{}");
    gateway.call("wrong", "GET", "/v1/workflows/w2");
    gateway.call("", "PUT", "/v1/nothing");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(entries("workflow.cancel"))
                  .anySatisfy(
                      entry ->
                          assertThat(entry)
                              .containsEntry("actor", "token:refused")
                              .containsEntry("object", "w1")
                              .containsEntry("status", 403));
              assertThat(entries("GET /v1/workflows/{id}"))
                  .anySatisfy(
                      entry ->
                          assertThat(entry)
                              .containsEntry("tenant", TrailEvent.NOBODYS.value())
                              .containsEntry("actor", null)
                              .containsEntry("object", "w2")
                              .containsEntry("status", 401));
              assertThat(entries("PUT of what is not served"))
                  .anyMatch(entry -> "/v1/nothing".equals(entry.get("object")));
            });
  }

  @Test
  void whoeverHangsUpIsNotedSinceItMayBeDoneAllTheSame() throws IOException {
    String call =
        "POST /v1/workflows/held/cancel HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + RunningGateway.ADMINISTRATOR
            + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
      socket.getOutputStream().write(call.getBytes(StandardCharsets.US_ASCII));
      await().atMost(PATIENCE).until(() -> gateway.held() == 1);
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(entries("workflow.cancel"))
                    .anySatisfy(
                        entry ->
                            assertThat(entry)
                                .containsEntry("actor", "token:administrator")
                                .containsEntry("object", "held")
                                .containsEntry("status", 499)));
  }

  @Test
  void theOriginIsWhatTheTrustedProxySaysAndNotWhatTheCallerSays() {
    gateway.call(
        0,
        RunningGateway.ADMINISTRATOR,
        "PUT",
        "/v1/workers/forwarded",
        "{}",
        "X-Forwarded-For",
        "198.51.100.1, 203.0.113.9");
    assertThat(entries("worker.register"))
        .anySatisfy(
            entry ->
                assertThat(entry)
                    .containsEntry("object", "forwarded")
                    .containsEntry("origin", "203.0.113.9"));
  }

  @Test
  void whatIsReadAndWhatWorkersDoWithTheirStepsIsNotNoted() {
    gateway.call(RunningGateway.ADMINISTRATOR, "GET", "/v1/workflows");
    gateway.call(RunningGateway.ADMINISTRATOR, "POST", "/v1/results", "{}");
    assertThat(entries("GET /v1/workflows")).isEmpty();
    assertThat(entries("POST /v1/results")).isEmpty();
  }
}
