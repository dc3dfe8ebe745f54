package io.agentmanager.planner;

import dev.langchain4j.exception.NonRetriableException;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.jobs.Job;
import io.agentmanager.jobs.JobFailures;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.planner.PlannerService.ModelChoice;
import io.agentmanager.planner.plan.LlmPlanner;
import io.agentmanager.planner.plan.RulePlanner;
import io.agentmanager.planner.submission.Submissions;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The job that plans a submitted goal, with the model if there is one, else by rules. */
@Component
class PlanWorkflow implements Job {
  private static final Logger log = LoggerFactory.getLogger(PlanWorkflow.class);
  private static final String FAILED = "planning_failed";
  private final Submissions submissions;
  private final TaskServiceClient workers;
  private final @Nullable LlmPlanner llm;

  PlanWorkflow(Submissions submissions, TaskServiceClient workers, ModelChoice choice) {
    this.submissions = submissions;
    this.workers = workers;
    this.llm = choice.model().map(LlmPlanner::new).orElse(null);
  }

  @Override
  public String name() {
    return Submissions.PLAN_JOB;
  }

  @Override
  public void run(JobKey key) {
    Optional<PlanDocument> document = submissions.find(key.workflow());
    if (document.isEmpty() || document.get().tasks() != null || document.get().failure() != null) {
      return;
    }
    LlmPlanner.Outcome outcome = plan(document.get(), key.workflow().tenant());
    List<StepSpec> steps = outcome.steps();
    if (steps != null) {
      submissions.planned(key.workflow(), steps, outcome.usage());
    } else {
      fail(key, String.valueOf(outcome.why()), outcome.usage());
    }
  }

  @Override
  public void giveUp(JobKey key, Throwable cause) {
    fail(key, "Planning failed again and again: " + JobFailures.told(cause), Usage.NONE);
  }

  private LlmPlanner.Outcome plan(PlanDocument document, TenantId tenant) {
    SortedSet<String> capabilities = capabilities(tenant);
    if (llm == null) {
      return new LlmPlanner.Outcome(
          RulePlanner.plan(document.submission().description(), capabilities), null, Usage.NONE);
    }
    try {
      return llm.plan(document.submission(), capabilities);
    } catch (NonRetriableException e) {
      log.warn("a plan of {} is refused by the model", tenant, e);
      return new LlmPlanner.Outcome(null, JobFailures.told(e), Usage.NONE);
    }
  }

  /** A plan can be made without knowing who works now. */
  private SortedSet<String> capabilities(TenantId tenant) {
    try {
      return workers.capabilities(tenant);
    } catch (UncheckedIOException | IllegalStateException e) {
      log.warn("planning without the workers' capabilities: {}", e.toString());
      return new TreeSet<>();
    }
  }

  private void fail(JobKey key, String why, Usage usage) {
    submissions.planningFailed(key.workflow(), new StepError(FAILED, why, null), usage);
  }
}
