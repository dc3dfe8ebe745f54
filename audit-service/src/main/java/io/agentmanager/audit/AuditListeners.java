package io.agentmanager.audit;

import io.agentmanager.audit.report.AuditReports;
import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.event.WorkflowEvent.StepCompleted;
import io.agentmanager.journal.AllAtOnce;
import io.agentmanager.journal.SideBySide;
import io.agentmanager.tracing.Traces;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** What the audit-service hears from Kafka. It only notes down what is to be done. */
@Component
class AuditListeners {
  private final SideBySide steps;
  private final AllAtOnce ends;

  AuditListeners(RequestAudit audits, AuditReports reports, Traces traces) {
    this.steps = new SideBySide(event -> step(audits, event), traces);
    this.ends =
        new AllAtOnce(
            events -> {
              reports.finished(events.stream().map(WorkflowEvent::key).toList());
              return Map.of();
            },
            traces);
  }

  @KafkaListener(
      id = "audit-steps",
      batch = "true",
      groupId = "audit-service",
      topics = "${agentmanager.topics.prefix:agentmanager.}completed")
  void steps(List<ConsumerRecord<String, byte[]>> records) {
    steps.handle(records);
  }

  /** Retention alone needs them, so the broker gathers for a while. */
  @KafkaListener(
      id = "audit-ends",
      batch = "true",
      groupId = "audit-service",
      topics = "${agentmanager.topics.prefix:agentmanager.}finished",
      properties = {"fetch.min.bytes=65536", "fetch.max.wait.ms=500"})
  void ends(List<ConsumerRecord<String, byte[]>> records) {
    ends.handle(records);
  }

  private static void step(RequestAudit audits, WorkflowEvent event) {
    if (!(event instanceof StepCompleted step)) {
      throw new IllegalArgumentException("not for this topic: " + event.kind());
    }
    if (step.drained()) {
      audits.request(step.key(), step.auditCycle());
    }
  }
}
