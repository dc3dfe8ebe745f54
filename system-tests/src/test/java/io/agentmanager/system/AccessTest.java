package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Role;
import io.agentmanager.http.AccessRules;
import java.net.http.HttpResponse;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of who may make which call on the whole system: role, call, own or foreign tenant. */
class AccessTest {
  private static final List<Role> ROLES =
      List.of(Role.SUBMITTER, Role.WORKER, Role.AUDITOR, Role.ADMIN);

  /** What they name stands in the body. */
  private static final Set<String> NAMED_IN_BODY =
      Set.of("/v1/results", "/v1/results/batch", "/v1/locks");

  /** After these, something of what the cells share is gone. */
  private static final Set<String> SPOIL =
      Set.of(
          "POST /v1/results",
          "POST /v1/results/batch",
          "POST /v1/workflows/{id}/cancel",
          "DELETE /v1/locks/{lock}",
          "DELETE /v1/workers/{worker}",
          "DELETE /v1/tokens/{token}");

  private static final Map<Role, Api> OWNERS = new EnumMap<>(Role.class);
  private static final Map<Role, Api> STRANGERS = new EnumMap<>(Role.class);

  /** What the cells of a role share until one of them changes it. */
  private static final Map<Role, Belongings> OWN = new EnumMap<>(Role.class);

  private static RunningSystem system;
  private static Belongings foreign;
  private static int made;

  @BeforeAll
  static void start() {
    system = RunningSystem.split();
    for (Role role : ROLES) {
      OWNERS.put(role, system.api("owner", role.wireName()));
      STRANGERS.put(role, system.api("stranger", role.wireName()));
    }
  }

  static Stream<Arguments> cells() {
    return AccessRules.table().stream()
        .flatMap(rule -> ROLES.stream().map(role -> Arguments.of(rule, role)));
  }

  static Stream<Arguments> cellsThatNameSomething() {
    return cells()
        .filter(
            cell -> {
              String path = ((AccessRules.Rule) cell.get()[0]).path();
              return path.contains("{") || NAMED_IN_BODY.contains(path);
            });
  }

  @ParameterizedTest
  @MethodSource("cellsThatNameSomething")
  void whatAnotherTenantHasIsUnknownToEveryRole(AccessRules.Rule rule, Role role) {
    if (foreign == null) {
      foreign = Belongings.make(OWNERS.get(Role.ADMIN), OWNERS.get(Role.WORKER), "foreign");
    }
    foreign.heartbeat(OWNERS.get(Role.WORKER));
    Api stranger = STRANGERS.get(role);
    Api.Answer answer = stranger.send(rule.method(), foreign.path(rule), foreign.body(rule));
    // A worker's name is one of the tenant's own, registered by some of the calls.
    boolean isOwnName = rule.method().equals("PUT");
    boolean isBatch = rule.path().endsWith("/batch");
    int allowed = isOwnName || isBatch ? 200 : 404;
    assertThat(answer.status())
        .as(answer.toString())
        .isEqualTo(rule.roles().contains(role) ? allowed : 403);
    if (isBatch && answer.status() == 200) {
      assertThat(answer.body().path("results").path(0).path("status").asInt()).isEqualTo(404);
    }
    assertThat(answer.body().toString()).doesNotContain(Belongings.SECRET);
    STRANGERS.get(Role.ADMIN).send("DELETE", "/v1/workers/" + foreign.name(), null);
    foreign.assertUntouched(OWNERS.get(Role.ADMIN), OWNERS.get(Role.WORKER));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void ofItsOwnTenantARoleReachesWhatItsColumnSays(AccessRules.Rule rule, Role role) {
    Api admin = OWNERS.get(Role.ADMIN);
    Api caller = OWNERS.get(role);
    Api worker = role == Role.WORKER ? caller : admin;
    Belongings own =
        OWN.computeIfAbsent(role, r -> Belongings.make(admin, worker, "own-" + ++made));
    own.heartbeat(worker);
    int status = status(caller, rule, own);
    if (!rule.roles().contains(role)) {
      assertThat(status).isEqualTo(403);
      own.assertUntouched(admin, worker);
    } else if (rule.path().equals("/v1/sessions/{session}")) {
      assertThat(status).as("tokens have no sessions").isEqualTo(404);
    } else if (rule.path().endsWith("/claim")
        || rule.path().endsWith("/approval")
        || rule.path().equals("/v1/workflows/{id}/result")) {
      assertThat(status).as("it runs").isEqualTo(409);
    } else {
      assertThat(status).isBetween(200, 204);
    }
    if (rule.roles().contains(role) && SPOIL.contains(rule.method() + " " + rule.path())) {
      OWN.remove(role);
    }
  }

  @Test
  void aReadyStepIsHandedToNobodyOfAnotherTenant() {
    Api owner = OWNERS.get(Role.ADMIN);
    String workflow =
        owner
            .post(
                "/v1/tasks",
                """
                {"description": "d", "tasks": [
                  {"step_id": "a", "task_description": "d", "assigned_agent": "shared"}]}
                """)
            .text("workflow_id");
    Api stranger = STRANGERS.get(Role.WORKER);
    String worker = "\"agent_id\": \"thief\", \"client_capabilities\": [\"shared\"]";
    stranger.put("/v1/workers/thief", "{\"agent_capabilities\": [\"shared\"]}");
    assertThat(
            stranger
                .post("/v1/tasks/claims", "{" + worker + ", \"wait_sec\": 2}")
                .body()
                .path("tasks"))
        .isEmpty();
    String ready = "/v1/tasks/ready?agent_id=thief&client_capabilities=shared";
    assertThat(stranger.get(ready).status()).isEqualTo(204);
    String named = "/v1/workflows/" + workflow + "/steps/a/claim";
    assertThat(stranger.post(named, "{" + worker + "}").status()).isEqualTo(404);
    assertThat(owner.get(ready).status()).as("its own tenant gets it").isEqualTo(200);
  }

  private static int status(Api caller, AccessRules.Rule rule, Belongings own) {
    if (!rule.path().endsWith("/events")) {
      return caller.send(rule.method(), own.path(rule), own.body(rule)).status();
    }
    HttpResponse<Stream<String>> stream = caller.stream(own.path(rule));
    stream.body().close();
    return stream.statusCode();
  }
}
