package io.agentmanager.planner.submission;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.planner.PlannerService;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Submissions on a real database; no broker is there. */
class SubmissionsTest {
  private static final TenantId TENANT = new TenantId("default");
  @TempDir private static Path folder;
  private static EmbeddedPostgreSql postgres;
  private static ConfigurableApplicationContext service;
  private final Submissions submissions = service.getBean(Submissions.class);
  private final JdbcTemplate jdbc = service.getBean(JdbcTemplate.class);

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgreSql.start(folder, FreePorts.next());
    service =
        PlannerService.application()
            .run(
                "--server.port=" + FreePorts.next(),
                "--agentmanager.internal.secret=0123456789abcdef0123456789abcdef",
                "--spring.datasource.url=" + postgres.database("planner"),
                "--spring.kafka.bootstrap-servers=127.0.0.1:" + FreePorts.next());
  }

  @AfterAll
  static void stop() throws Exception {
    service.close();
    postgres.close();
  }

  @Test
  void aSubmissionStaysUntilItsWorkflowEndedAndItsIdempotencyKeyIsADayOld() {
    WorkflowKey ended = take("ended");
    WorkflowKey open = take("open");
    answer(ended);
    submissions.finished(List.of(ended));
    Instant later = Instant.now().plusSeconds(1);
    assertThat(submissions.removeFinishedBefore(Instant.now().minusSeconds(10), 10)).isZero();
    assertThat(submissions.removeFinishedBefore(later, 10)).isZero();
    assertThat(submissions.earlier(TENANT, "ended")).isPresent();
    jdbc.update("UPDATE submission SET created_at = created_at - interval '24 hours'");
    assertThat(submissions.removeFinishedBefore(later, 10)).isOne();
    assertThat(submissions.find(ended)).isEmpty();
    assertThat(submissions.earlier(TENANT, "ended")).isEmpty();
    assertThat(jdbc.queryForObject("SELECT count(*) FROM synthesis", Integer.class)).isZero();
    assertThat(submissions.find(open)).isPresent();
  }

  @Test
  void severalPlansComeTogetherWithoutTheUnknown() {
    WorkflowKey first = take("together-1");
    WorkflowKey second = take("together-2");
    WorkflowKey unknown = WorkflowKey.of(TENANT.value(), "unknown");
    assertThat(submissions.find(List.of(first, unknown, second)))
        .extracting(PlanDocument::workflowId)
        .containsExactlyInAnyOrder(first.workflow().value(), second.workflow().value());
  }

  private WorkflowKey take(String idempotencyKey) {
    TaskSubmission submission =
        new TaskSubmission(
            "a goal",
            null,
            null,
            null,
            null,
            List.of(StepSpec.of("s", "work", "any", List.of())),
            null,
            null,
            null);
    return WorkflowKey.of(
        TENANT.value(),
        submissions
            .take(TENANT, submission, idempotencyKey, "hash")
            .stored()
            .document()
            .workflowId());
  }

  private void answer(WorkflowKey key) {
    jdbc.update(
        "INSERT INTO synthesis (tenant_id, workflow_id, cycle, document, created_at)"
            + " VALUES (?, ?, 0, '{}'::jsonb, now())",
        key.tenant().value(),
        key.workflow().value());
  }
}
