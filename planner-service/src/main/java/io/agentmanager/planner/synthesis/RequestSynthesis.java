package io.agentmanager.planner.synthesis;

import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.jobs.JobRunner;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Notes down that an answer is due. What is noted or written already stays as it is. */
@Component
class RequestSynthesis {
  private final Syntheses syntheses;
  private final JobRunner jobs;
  private final TransactionTemplate transaction;

  RequestSynthesis(Syntheses syntheses, JobRunner jobs, TransactionTemplate transaction) {
    this.syntheses = syntheses;
    this.jobs = jobs;
    this.transaction = transaction;
  }

  /** The audit of that cycle passed. */
  void request(WorkflowKey key, int cycle) {
    if (syntheses.find(key, cycle).isEmpty()) {
      transaction.executeWithoutResult(
          status -> jobs.schedule(SynthesizeWorkflow.NAME, new JobKey(key, cycle)));
      jobs.wake();
    }
  }

  /** The answer is awaited for long: says again that it is there, or sees to it. */
  void ensure(WorkflowKey key, int cycle) {
    if (syntheses.find(key, cycle).isPresent()) {
      syntheses.publishAgain(key, cycle);
    } else {
      request(key, cycle);
    }
  }
}
