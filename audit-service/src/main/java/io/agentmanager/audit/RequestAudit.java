package io.agentmanager.audit;

import io.agentmanager.audit.report.AuditReports;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.jobs.JobRunner;
import io.agentmanager.journal.WorkflowTraces;
import io.agentmanager.tracing.TraceParent;
import io.opentelemetry.context.Context;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Notes down that an audit is due, below the news that asked for it. What is noted or done already
 * stays as it is.
 */
@Component
public class RequestAudit {
  private final AuditReports reports;
  private final JobRunner jobs;
  private final WorkflowTraces traces;
  private final TransactionTemplate transaction;

  RequestAudit(
      AuditReports reports,
      JobRunner jobs,
      WorkflowTraces traces,
      TransactionTemplate transaction) {
    this.reports = reports;
    this.jobs = jobs;
    this.traces = traces;
    this.transaction = transaction;
  }

  /** The workflow is drained in that cycle. */
  void request(WorkflowKey key, int cycle) {
    if (reports.of(key, cycle).isEmpty()) {
      String place = TraceParent.of(Context.current());
      transaction.executeWithoutResult(
          status -> {
            traces.follow(key, place);
            jobs.schedule(AuditWorkflow.NAME, new JobKey(key, cycle));
          });
      jobs.wake();
    }
  }

  /** The verdict is awaited for long: says it again if there is one, else sees to it. */
  public void ensure(WorkflowKey key, int cycle) {
    if (reports.of(key, cycle).isPresent()) {
      reports.publishAgain(key, cycle);
    } else {
      request(key, cycle);
    }
  }
}
