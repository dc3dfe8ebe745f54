package io.agentmanager.audit.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.audit.AuditService;
import io.agentmanager.audit.TestKeys;
import io.agentmanager.audit.Verdict;
import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** The reports on a real database; no broker is there, so that every event stays in the journal. */
class AuditReportsTest {
  @TempDir private static Path folder;
  private static EmbeddedPostgreSql postgres;
  private static ConfigurableApplicationContext service;
  private final AuditReports reports = service.getBean(AuditReports.class);
  private final JdbcTemplate jdbc = service.getBean(JdbcTemplate.class);

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgreSql.start(folder, FreePorts.next());
    service =
        AuditService.application()
            .run(
                "--server.port=" + FreePorts.next(),
                "--agentmanager.internal.secret=0123456789abcdef0123456789abcdef",
                "--agentmanager.trail.keys=" + TestKeys.RING,
                "--agentmanager.trail.signing-key=" + TestKeys.SIGNING,
                "--spring.datasource.url=" + postgres.database("audit"),
                "--spring.kafka.bootstrap-servers=127.0.0.1:" + FreePorts.next());
  }

  @AfterAll
  static void stop() throws Exception {
    service.close();
    postgres.close();
  }

  @Test
  void theFirstReportOfACycleStaysAndItsVerdictIsPublishedOnceAndAgainWhenAskedFor() {
    WorkflowKey key = WorkflowKey.of("default", "first");
    keep(key, 0, true);
    keep(key, 0, false);
    assertThat(reports.of(key)).singleElement().matches(AuditReport::isSuccessful);
    assertThat(verdicts(key)).containsExactly("AUDIT_PASSED");
    keep(key, 1, false);
    reports.publishAgain(key, 0);
    assertThat(verdicts(key)).containsExactly("AUDIT_PASSED", "AUDIT_FAILED", "AUDIT_PASSED");
  }

  @Test
  void reportsGoWithTheirWorkflowEvenThoseThatCameAfterItsEnd() {
    WorkflowKey ended = WorkflowKey.of("default", "ended");
    WorkflowKey open = WorkflowKey.of("default", "open");
    keep(open, 0, true);
    keep(ended, 0, false);
    Instant before = Instant.now().minusSeconds(1);
    reports.finished(List.of(ended));
    reports.finished(List.of(ended));
    keep(ended, 1, true);
    assertThat(reports.removeFinishedBefore(before, 10)).isZero();
    assertThat(reports.of(ended)).hasSize(2);
    assertThat(reports.removeFinishedBefore(Instant.now().plusSeconds(1), 10)).isOne();
    assertThat(reports.of(ended)).isEmpty();
    assertThat(reports.of(open)).hasSize(1);
    assertThat(reports.removeFinishedBefore(Instant.now().plusSeconds(1), 10)).isZero();
  }

  private void keep(WorkflowKey key, int cycle, boolean passed) {
    reports.keep(
        key,
        new AuditReport(
            cycle, passed, "said", List.of(), 1, List.of("s"), AuditMode.RULES, Instant.now()),
        new Verdict(passed, "said", List.of(), 1, true, Usage.NONE),
        false);
  }

  private List<String> verdicts(WorkflowKey key) {
    return jdbc.queryForList(
        "SELECT event FROM journal WHERE workflow_id = ? ORDER BY seq",
        String.class,
        key.workflow().value());
  }
}
