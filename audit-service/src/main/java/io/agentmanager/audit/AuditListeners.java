package io.agentmanager.audit;

import io.agentmanager.audit.report.AuditReports;
import io.agentmanager.contracts.event.WorkflowEvent.StepCompleted;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowFinished;
import io.agentmanager.journal.EventReader;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** What the audit-service hears from Kafka. It only notes down what is to be done. */
@Component
class AuditListeners {
  private final RequestAudit audits;
  private final AuditReports reports;

  AuditListeners(RequestAudit audits, AuditReports reports) {
    this.audits = audits;
    this.reports = reports;
  }

  @KafkaListener(
      id = "audit-events",
      groupId = "audit-service",
      topics = {
        "${agentmanager.topics.prefix:agentmanager.}completed",
        "${agentmanager.topics.prefix:agentmanager.}finished"
      })
  void hear(ConsumerRecord<String, byte[]> record) {
    switch (EventReader.read(record)) {
      case StepCompleted step when step.drained() -> audits.request(step.key(), step.auditCycle());
      case StepCompleted step -> {}
      case WorkflowFinished finished -> reports.finished(finished.key());
      case io.agentmanager.contracts.event.WorkflowEvent other ->
          throw new IllegalArgumentException("not for this topic: " + other.kind());
    }
  }
}
