package io.agentmanager.task.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.database.TenantReads;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** The wall between tenants under everything that is read over HTTP. */
class TenantWallTest {
  private static final TenantId OTHER = new TenantId("other");
  private static RunningService service;
  private static JdbcTemplate owner;
  private static WorkflowKey key;

  @BeforeAll
  static void start() {
    service = RunningService.start(1);
    owner = service.asOwner();
    key =
        Plans.admit(
            service, "walled", List.of(StepSpec.of("a", "do it", "nobody-does", List.of())));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void everyTableThatKnowsTenantsIsWalled() {
    List<String> tables =
        owner.queryForList(
            """
            SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
              AND a.attname = 'tenant_id'
            """,
            String.class);
    assertThat(tables).contains("workflow", "step", "step_result", "journal", "worker");
    assertThat(
            owner.queryForList(
                """
                SELECT c.relname FROM pg_class AS c
                WHERE c.relname = ANY (?::text[]) AND c.relrowsecurity
                  AND (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = c.oid) = 2
                """,
                String.class,
                (Object) tables.toArray(String[]::new)))
        .hasSameElementsAs(tables);
  }

  @Test
  void aReadThatForgetsItsTenantReturnsNothingOfOthers() {
    TenantReads reads = service.bean(TenantReads.class);
    for (String table : List.of("workflow", "workflow_definition", "step", "journal")) {
      String forgetful = "SELECT tenant_id FROM " + table;
      assertThat(reads.query(key.tenant(), forgetful, (row, n) -> row.getString(1)))
          .as(table)
          .isNotEmpty()
          .containsOnly(key.tenant().value());
      assertThat(reads.any(OTHER, forgetful)).as(table).isFalse();
    }
  }

  @Test
  void whatIsReadOverHttpNeedsNoRoleThatSpansTenants() {
    owner.execute("ALTER ROLE task_engine NOLOGIN");
    owner.queryForList(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'task_engine'");
    try {
      String path = "/v1/workflows/" + key.workflow().value();
      for (String read : List.of(path, "/v1/workflows", path + "/steps/a/results", "/v1/workers")) {
        assertThat(service.call(0, "GET", read, null).status()).as(read).isEqualTo(200);
      }
    } finally {
      owner.execute("ALTER ROLE task_engine LOGIN");
    }
  }
}
