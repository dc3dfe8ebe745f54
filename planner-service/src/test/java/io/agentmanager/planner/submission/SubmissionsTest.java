package io.agentmanager.planner.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.http.ProblemException;
import io.agentmanager.planner.PlannerService;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
                "--agentmanager.limits.tenants.small.open-workflows=3",
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

  @Test
  void aTenantHasNoMoreOpenWorkflowsThanItMay() throws Exception {
    TenantId small = new TenantId("small");
    List<WorkflowKey> taken = Collections.synchronizedList(new ArrayList<>());
    List<ProblemException> refused = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        String key = "small-" + i;
        callers.submit(
            () -> {
              try {
                taken.add(take(small, key));
              } catch (ProblemException e) {
                refused.add(e);
              }
            });
      }
    }
    assertThat(taken).hasSize(3);
    assertThat(refused).hasSize(17).allMatch(e -> e.problem().status() == 429);
    assertThat(take(TENANT, "of another tenant")).isNotNull();
    submissions.finished(taken.subList(0, 1));
    assertThat(take(small, "room again")).isNotNull();
    assertThatThrownBy(() -> take(small, "full again")).isInstanceOf(ProblemException.class);
    assertThat(take(small, "room again")).as("the same once more").isNotNull();
  }

  private WorkflowKey take(String idempotencyKey) {
    return take(TENANT, idempotencyKey);
  }

  private WorkflowKey take(TenantId tenant, String idempotencyKey) {
    Optional<SubmissionStore.Stored> earlier = submissions.earlier(tenant, idempotencyKey);
    if (earlier.isPresent()) {
      return WorkflowKey.of(tenant.value(), earlier.get().document().workflowId());
    }
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
        tenant.value(),
        submissions
            .take(tenant, submission, idempotencyKey, "hash", null)
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
