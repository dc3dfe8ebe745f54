package io.agentmanager.planner.synthesis;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.event.WorkflowEvent.AuditPassed;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.jobs.JobRunner;
import io.agentmanager.journal.EventReader;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** What the planner hears from Kafka: an audit passed, so an answer is due. It only notes that. */
@Component
class PlannerListeners {
  private final Syntheses syntheses;
  private final JobRunner jobs;
  private final TransactionTemplate transaction;

  PlannerListeners(Syntheses syntheses, JobRunner jobs, TransactionTemplate transaction) {
    this.syntheses = syntheses;
    this.jobs = jobs;
    this.transaction = transaction;
  }

  @KafkaListener(
      id = "planner-audits",
      groupId = "planner-service",
      topics = "${agentmanager.topics.prefix:agentmanager.}audit-passed")
  void auditPassed(ConsumerRecord<String, byte[]> record) {
    WorkflowEvent event = EventReader.read(record);
    if (!(event instanceof AuditPassed passed)) {
      throw new IllegalArgumentException("not for this topic: " + event.kind());
    }
    if (syntheses.find(passed.key(), passed.auditCycle()).isEmpty()) {
      transaction.executeWithoutResult(
          status ->
              jobs.schedule(
                  SynthesizeWorkflow.NAME, new JobKey(passed.key(), passed.auditCycle())));
      jobs.wake();
    }
  }
}
