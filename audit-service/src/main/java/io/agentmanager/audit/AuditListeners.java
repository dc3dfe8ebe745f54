package io.agentmanager.audit;

import io.agentmanager.audit.report.AuditReports;
import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.event.WorkflowEvent.StepCompleted;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.jobs.JobRunner;
import io.agentmanager.journal.EventReader;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** What the audit-service hears from Kafka: steps that ended. The one that drains is noted down. */
@Component
class AuditListeners {
  private final AuditReports reports;
  private final JobRunner jobs;
  private final TransactionTemplate transaction;

  AuditListeners(AuditReports reports, JobRunner jobs, TransactionTemplate transaction) {
    this.reports = reports;
    this.jobs = jobs;
    this.transaction = transaction;
  }

  @KafkaListener(
      id = "audit-completed",
      groupId = "audit-service",
      topics = "${agentmanager.topics.prefix:agentmanager.}completed")
  void completed(ConsumerRecord<String, byte[]> record) {
    WorkflowEvent event = EventReader.read(record);
    if (!(event instanceof StepCompleted step)) {
      throw new IllegalArgumentException("not for this topic: " + event.kind());
    }
    if (step.drained() && reports.of(step.key(), step.auditCycle()).isEmpty()) {
      transaction.executeWithoutResult(
          status -> jobs.schedule(AuditWorkflow.NAME, new JobKey(step.key(), step.auditCycle())));
      jobs.wake();
    }
  }
}
