package io.agentmanager.task.overview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import tools.jackson.databind.JsonNode;

class OverviewTest {
  private static final String THOUSANDS_OF_STEPS_THAT_ENDED =
      """
      INSERT INTO step OVERRIDING SYSTEM VALUE
      SELECT (jsonb_populate_record(NULL::step, to_jsonb(s)
               || jsonb_build_object('step_id', 'ended-' || n, 'status', 'COMPLETED'))).*
      FROM step AS s CROSS JOIN generate_series(1, 20000) AS n
      WHERE s.tenant_id = 'long-lived'
      """;

  private static RunningService service;

  @BeforeAll
  static void start() {
    service = RunningService.start(1, "agentmanager.limits.tenants.spent.tokens-per-day=100");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Caller caller(String tenant) {
    return new Caller(new TenantId(tenant), "test", Set.of("admin"), Set.of());
  }

  private static WorkflowKey admit(String tenant, String id, String... capabilities) {
    List<StepSpec> steps =
        List.of(capabilities).stream()
            .map(capability -> StepSpec.of("do-" + capability, "do it", capability, List.of()))
            .toList();
    return Plans.admit(service, tenant, id, steps);
  }

  private static void worker(String tenant, String capability) {
    service.call(
        0,
        caller(tenant),
        "PUT",
        "/v1/workers/of-" + tenant,
        Map.of("agent_capabilities", List.of(capability), "max_parallel_tasks", 1));
  }

  private static RunningService.Answer look(String tenant) {
    return service.call(0, caller(tenant), "GET", "/v1/overview", null);
  }

  /** What was looked at less than two seconds ago is told again. */
  private static void awaitOverview(String tenant, Consumer<JsonNode> assertions) {
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> assertions.accept(look(tenant).body()));
  }

  @Test
  void itCountsWhatIsOpenAndWhoCouldDoIt() {
    admit("counted", "w", "writer", "reader");
    worker("counted", "writer");
    JsonNode overview = look("counted").body();
    assertThat(overview.path("workflows").toString()).isEqualTo("{\"RUNNING\":1}");
    assertThat(overview.path("steps").path("ready").asInt()).isEqualTo(2);
    assertThat(overview.path("queues"))
        .extracting(q -> q.path("capability").asString() + " " + q.path("workers").asInt())
        .containsExactlyInAnyOrder("writer 1", "reader 0");
    assertThat(overview.path("open"))
        .singleElement()
        .satisfies(open -> assertThat(open.path("open_steps").asInt()).isEqualTo(2));
    assertThat(overview.path("stuck")).isEmpty();
    assertThat(overview.path("living_workers").asInt()).isEqualTo(1);
    service.call(
        0,
        caller("counted"),
        "GET",
        "/v1/tasks/ready?agent_id=of-counted&client_capabilities=writer",
        null);
    awaitOverview(
        "counted",
        later -> {
          assertThat(later.path("steps").path("in_progress").asInt()).isEqualTo(1);
          assertThat(later.path("queues")).hasSize(1);
        });
  }

  @Test
  void whatAsksAPersonForLongIsSaidToWaitForOne() {
    admit("asking", "w", "writer");
    worker("asking", "writer");
    JsonNode task =
        service
            .call(
                0,
                caller("asking"),
                "GET",
                "/v1/tasks/ready?agent_id=of-asking&client_capabilities=writer",
                null)
            .body();
    service.call(
        0,
        caller("asking"),
        "POST",
        "/v1/results",
        Map.of(
            "workflow_id",
            task.path("workflow_id").asString(),
            "step_id",
            task.path("step_id").asString(),
            "client_id",
            "of-asking",
            "attempt",
            1,
            "status",
            "awaiting_approval",
            "approval",
            Map.of("question", "May I?")));
    service
        .asOwner()
        .update(
            "UPDATE step_approval SET asked_at = asked_at - interval '1 hour'"
                + " WHERE tenant_id = 'asking'");
    service
        .asOwner()
        .update(
            "UPDATE workflow SET created_at = created_at - interval '1 hour'"
                + " WHERE tenant_id = 'asking'");
    service
        .asOwner()
        .update("UPDATE journal SET at = at - interval '1 hour' WHERE tenant_id = 'asking'");
    awaitOverview(
        "asking",
        overview ->
            assertThat(overview.path("stuck"))
                .singleElement()
                .satisfies(
                    stuck ->
                        assertThat(stuck.path("reason").asString())
                            .startsWith("It asks a person")));
  }

  @Test
  void whatNoLivingWorkerOffersIsStuckAfterAMinute() {
    admit("unserved", "w", "reader", "writer");
    worker("unserved", "writer");
    service
        .asOwner()
        .update(
            "UPDATE step SET ready_at = ready_at - interval '61 s' WHERE tenant_id = 'unserved'");
    JsonNode overview = look("unserved").body();
    assertThat(overview.path("stuck"))
        .singleElement()
        .satisfies(
            stuck -> {
              assertThat(stuck.path("step_id").asString()).isEqualTo("do-reader");
              assertThat(stuck.path("reason").asString()).contains("reader: start one");
            });
  }

  @Test
  void whatWaitsForTheNextDaysBudgetIsStuckWhoeverOffersIt() {
    admit("spent", "w", "writer");
    worker("spent", "writer");
    service
        .asOwner()
        .update(
            """
            INSERT INTO tenant_usage (tenant_id, day, shard, tokens, cost_usd)
            VALUES ('spent', (now() AT TIME ZONE 'UTC')::date, 0, 100, 0)
            """);
    service
        .asOwner()
        .update("UPDATE step SET ready_at = ready_at - interval '61 s' WHERE tenant_id = 'spent'");
    assertThat(look("spent").body().path("stuck"))
        .singleElement()
        .satisfies(
            stuck -> assertThat(stuck.path("reason").asString()).contains("the day's limit"));
  }

  @Test
  void whatNobodyServesIsShownBeforeTwoHundredLongerQueues() {
    List<String> served =
        IntStream.rangeClosed(1, 200).mapToObj(n -> "served-" + n).collect(Collectors.toList());
    service.call(
        0,
        caller("wide"),
        "PUT",
        "/v1/workers/of-wide",
        Map.of("agent_capabilities", served.subList(0, 100), "max_parallel_tasks", 1));
    service.call(
        0,
        caller("wide"),
        "PUT",
        "/v1/workers/also-of-wide",
        Map.of("agent_capabilities", served.subList(100, 200), "max_parallel_tasks", 1));
    admit("wide", "w", served.toArray(String[]::new));
    admit("wide", "z", "z-mistyped");
    JsonNode overview = look("wide").body();
    assertThat(overview.path("queues"))
        .hasSize(200)
        .anySatisfy(q -> assertThat(q.path("capability").asString()).isEqualTo("z-mistyped"));
    assertThat(overview.path("steps").path("ready").asInt()).isEqualTo(201);
  }

  @Test
  void whatWaitsForAServiceWithoutNewsForTenMinutesIsStuck() {
    admit("quiet", "awaited", "reader");
    admit("quiet", "at-work", "reader");
    worker("quiet", "reader");
    long ago = 601;
    service
        .asOwner()
        .update(
            "UPDATE journal SET at = at - make_interval(secs => ?) WHERE tenant_id = 'quiet'", ago);
    service
        .asOwner()
        .update(
            "UPDATE workflow SET created_at = created_at - make_interval(secs => ?)"
                + " WHERE tenant_id = 'quiet'",
            ago);
    service
        .asOwner()
        .update(
            """
            UPDATE workflow SET status = 'AUDITING'
            WHERE tenant_id = 'quiet' AND workflow_id = 'awaited'
            """);
    assertThat(look("quiet").body().path("stuck"))
        .singleElement()
        .satisfies(
            stuck -> {
              assertThat(stuck.path("workflow_id").asString()).isEqualTo("awaited");
              assertThat(stuck.has("step_id")).isFalse();
              assertThat(stuck.path("reason").asString()).contains("./am doctor");
            });
  }

  @Test
  void whatWaitsForFilesIsCountedAndStuckAfterTenMinutes() {
    admit("files", "w", "reader", "writer", "painter");
    worker("files", "reader");
    service
        .asOwner()
        .update(
            """
            UPDATE step SET blocked = CASE step_id WHEN 'do-reader' THEN 'files' ELSE 'backoff' END,
              ready_at = ready_at - interval '601 s'
            WHERE tenant_id = 'files' AND step_id <> 'do-painter'
            """);
    JsonNode overview = look("files").body();
    assertThat(overview.path("steps").path("waiting_for_files").asInt()).isEqualTo(1);
    assertThat(overview.path("steps").path("backing_off").asInt()).isEqualTo(1);
    assertThat(overview.path("stuck"))
        .extracting(stuck -> stuck.path("step_id").asString())
        .containsExactly("do-reader");
  }

  /** Nothing of what has ended is read, however much there is. */
  @Test
  void whatIsCountedIsCountedInIndexesOfWhatIsOpen() {
    admit("long-lived", "w", "reader");
    List<String> plans =
        service
            .asOwner()
            .execute(
                (ConnectionCallback<List<String>>)
                    connection -> {
                      connection.setAutoCommit(false);
                      JdbcTemplate one =
                          new JdbcTemplate(new SingleConnectionDataSource(connection, true));
                      one.execute(THOUSANDS_OF_STEPS_THAT_ENDED);
                      one.execute("ANALYZE step");
                      List<String> seen =
                          Stream.of(
                                  "status = 'IN_PROGRESS'",
                                  "status = 'READY' AND blocked IS NOT NULL",
                                  "status = 'READY' AND blocked IS NULL")
                              .map(condition -> plan(one, condition))
                              .toList();
                      connection.rollback();
                      connection.setAutoCommit(true);
                      return seen;
                    });
    assertThat(plans)
        .allSatisfy(
            plan -> assertThat(plan).containsAnyOf("step_held", "step_blocked", "step_claimable"));
  }

  private static String plan(JdbcTemplate database, String condition) {
    return String.join(
        "\n",
        database.queryForList(
            "EXPLAIN SELECT count(*) FROM step WHERE tenant_id = 'long-lived' AND " + condition,
            String.class));
  }

  @Test
  void whatHasEndedIsShownAsEnded() {
    WorkflowKey key = admit("default", "over", "overviewed");
    Plans.complete(service, "of-default", "overviewed");
    awaitOverview(
        "default",
        overview -> {
          assertThat(overview.path("ended"))
              .anySatisfy(
                  ended -> {
                    assertThat(ended.path("workflow_id").asString())
                        .isEqualTo(key.workflow().value());
                    assertThat(ended.path("status").asString()).isEqualTo("COMPLETED");
                  });
          assertThat(overview.path("open")).isEmpty();
        });
  }

  @Test
  void aTenantSeesItsOwnAlone() {
    admit("first", "w", "reader");
    JsonNode overview = look("second").body();
    assertThat(overview.path("workflows")).isEmpty();
    assertThat(overview.path("open")).isEmpty();
    assertThat(overview.path("queues")).isEmpty();
  }

  @Test
  void manyLookersCostOneLookInTwoSeconds() {
    assertThat(look("looked-at").body()).isEqualTo(look("looked-at").body());
  }
}
