package io.agentmanager.audit;

import io.agentmanager.audit.AuditService.ModelChoice;
import io.agentmanager.audit.model.LlmAudit;
import io.agentmanager.audit.report.AuditReports;
import io.agentmanager.audit.rule.RuleAudit;
import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.jobs.Job;
import io.agentmanager.jobs.JobFailures;
import io.agentmanager.jobs.JobKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The job that audits a drained workflow: the rules first, and a model on top where it is asked
 * for.
 */
@Component
class AuditWorkflow implements Job {
  private static final Logger log = LoggerFactory.getLogger(AuditWorkflow.class);
  static final String NAME = "audit-workflow";
  private static final int LONGEST_FEEDBACK = 20_000;
  private final AuditReports reports;
  private final TaskServiceClient tasks;
  private final InstantSource clock;
  private final @Nullable LlmAudit llm;

  AuditWorkflow(
      AuditReports reports, TaskServiceClient tasks, ModelChoice choice, InstantSource clock) {
    this.reports = reports;
    this.tasks = tasks;
    this.clock = clock;
    this.llm = choice.model().map(LlmAudit::new).orElse(null);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void run(JobKey key) {
    if (reports.of(key.workflow(), key.cycle()).isPresent()) {
      return;
    }
    Optional<WorkflowMaterial> found = tasks.material(key.workflow());
    if (found.isEmpty()) {
      log.info("{} was removed meanwhile and is not audited", key.workflow());
      return;
    }
    WorkflowMaterial material = found.get();
    if (material.status() != WorkflowStatus.AUDITING || material.cycle() != key.cycle()) {
      return;
    }
    Verdict verdict = judge(material);
    int allowed = material.audit().effectiveCycles();
    keep(
        key,
        material.audit().effectiveMode(),
        verdict,
        RuleAudit.reviewed(material),
        !verdict.mendable() || key.cycle() >= allowed);
  }

  @Override
  public void giveUp(JobKey key, Throwable cause) {
    Verdict none =
        new Verdict(
            false,
            "The audit could not be done: " + JobFailures.told(cause),
            List.of(),
            0,
            false,
            Usage.NONE);
    keep(key, AuditMode.LLM, none, List.of(), true);
  }

  private Verdict judge(WorkflowMaterial material) {
    Verdict byRules = RuleAudit.judge(material);
    if (!byRules.passed() || material.audit().effectiveMode() != AuditMode.LLM) {
      return byRules;
    }
    if (llm == null) {
      return new Verdict(
          true,
          byRules.feedback() + " No model is configured, so the rules judged alone.",
          List.of(),
          byRules.confidence(),
          true,
          Usage.NONE);
    }
    return llm.judge(material);
  }

  private void keep(
      JobKey key, AuditMode mode, Verdict verdict, List<String> reviewed, boolean exhausted) {
    String feedback = verdict.feedback();
    AuditReport report =
        new AuditReport(
            key.cycle(),
            verdict.passed(),
            feedback.length() <= LONGEST_FEEDBACK
                ? feedback
                : feedback.substring(0, LONGEST_FEEDBACK),
            verdict.suggestions(),
            verdict.confidence(),
            reviewed,
            mode,
            clock.instant());
    reports.keep(key.workflow(), report, verdict, !verdict.passed() && exhausted);
  }
}
