package io.agentmanager.task.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.task.RunningService;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** Plans that are brought, for the tenant {@code default}; no planner can be asked. */
class AdoptionControllerTest {
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = RunningService.start(1);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void plansThatAreBroughtAreTakenOverOnceHoweverOftenTheyCome() {
    List<PlanDocument> plans = List.of(plan("default", "first"), plan("default", "second"));
    for (int i = 0; i < 2; i++) {
      assertThat(bring(plans).status()).isEqualTo(204);
    }
    for (String id : List.of("first", "second")) {
      var workflow = service.call(0, "GET", "/v1/workflows/" + id, null);
      assertThat(workflow.body().path("status").asString()).isEqualTo("RUNNING");
      assertThat(journal(id, "workflow.planned")).isOne();
    }
  }

  @Test
  void onePlanOfAnotherTenantHasAllRefused() {
    var answer = bring(List.of(plan("default", "own"), plan("other", "foreign")));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(journal("own", "workflow.planned")).isZero();
    assertThat(journal("foreign", "workflow.planned")).isZero();
  }

  @Test
  void aPlanThatIsOlderThanAnythingIsKeptIsLeftAlone() {
    PlanDocument plan = plan("default", "old");
    PlanDocument old =
        new PlanDocument(
            plan.tenantId(),
            plan.workflowId(),
            plan.submission(),
            plan.tasks(),
            null,
            Usage.NONE,
            Instant.EPOCH,
            null);
    assertThat(bring(List.of(old)).status()).isEqualTo(204);
    assertThat(journal("old", "workflow.planned")).isZero();
  }

  private static RunningService.Answer bring(List<PlanDocument> plans) {
    return service.call(0, "service", "POST", "/internal/workflows", plans);
  }

  private static int journal(String workflow, String type) {
    Integer count =
        service
            .bean(JdbcTemplate.class)
            .queryForObject(
                "SELECT count(*) FROM journal WHERE workflow_id = ? AND type = ?",
                Integer.class,
                workflow,
                type);
    return count == null ? 0 : count;
  }

  private static PlanDocument plan(String tenant, String id) {
    return new PlanDocument(
        tenant,
        id,
        new TaskSubmission(
            "a test", null, null, null, null, null, new AuditPolicy(AuditMode.NONE, 0), null, null),
        List.of(StepSpec.of("s", "work", "brought", List.of())),
        null,
        Usage.NONE,
        Instant.now(),
        null);
  }
}
