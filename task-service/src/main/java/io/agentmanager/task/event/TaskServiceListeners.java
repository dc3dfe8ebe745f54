package io.agentmanager.task.event;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.event.WorkflowEvent.AuditFailed;
import io.agentmanager.contracts.event.WorkflowEvent.AuditPassed;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowSynthesized;
import io.agentmanager.journal.AllAtOnce;
import io.agentmanager.journal.SideBySide;
import io.agentmanager.tracing.Traces;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** What the task-service hears from Kafka. Blocking: each call returns when all of it is done. */
@Component
class TaskServiceListeners {
  private final AllAtOnce plans;
  private final SideBySide verdicts;

  TaskServiceListeners(ApplyEvents events, Traces traces) {
    this.plans =
        new AllAtOnce(
            news -> events.planning(news.stream().map(WorkflowEvent::key).toList()), traces);
    this.verdicts = new SideBySide(event -> verdict(events, event), traces);
  }

  @KafkaListener(
      id = "task-service-planning",
      batch = "true",
      groupId = "task-service",
      topics = {
        "${agentmanager.topics.prefix:agentmanager.}submitted",
        "${agentmanager.topics.prefix:agentmanager.}planned"
      })
  void planning(List<ConsumerRecord<String, byte[]>> records) {
    plans.handle(records);
  }

  @KafkaListener(
      id = "task-service-audits",
      batch = "true",
      groupId = "task-service",
      topics = {
        "${agentmanager.topics.prefix:agentmanager.}audit-passed",
        "${agentmanager.topics.prefix:agentmanager.}audit-failed",
        "${agentmanager.topics.prefix:agentmanager.}synthesized"
      })
  void audits(List<ConsumerRecord<String, byte[]>> records) {
    verdicts.handle(records);
  }

  private static void verdict(ApplyEvents events, WorkflowEvent event) {
    switch (event) {
      case AuditPassed passed -> events.auditPassed(passed);
      case AuditFailed failed -> events.auditFailed(failed);
      case WorkflowSynthesized synthesized -> events.synthesized(synthesized);
      case WorkflowEvent other ->
          throw new IllegalArgumentException("not for this topic: " + other.kind());
    }
  }
}
