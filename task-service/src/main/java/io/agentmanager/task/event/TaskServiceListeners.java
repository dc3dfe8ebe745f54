package io.agentmanager.task.event;

import io.agentmanager.contracts.event.WorkflowEvent.AuditFailed;
import io.agentmanager.contracts.event.WorkflowEvent.AuditPassed;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowSynthesized;
import io.agentmanager.journal.EventReader;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/**
 * What the task-service hears from Kafka. Blocking and ordered: each call returns when it is done.
 */
@Component
class TaskServiceListeners {
  private final ApplyEvents events;

  TaskServiceListeners(ApplyEvents events) {
    this.events = events;
  }

  @KafkaListener(
      id = "task-service-planning",
      groupId = "task-service",
      topics = {
        "${agentmanager.topics.prefix:agentmanager.}submitted",
        "${agentmanager.topics.prefix:agentmanager.}planned"
      })
  void planning(ConsumerRecord<String, byte[]> record) {
    events.planning(EventReader.read(record));
  }

  @KafkaListener(
      id = "task-service-audits",
      groupId = "task-service",
      topics = {
        "${agentmanager.topics.prefix:agentmanager.}audit-passed",
        "${agentmanager.topics.prefix:agentmanager.}audit-failed",
        "${agentmanager.topics.prefix:agentmanager.}synthesized"
      })
  void verdict(ConsumerRecord<String, byte[]> record) {
    switch (EventReader.read(record)) {
      case AuditPassed passed -> events.auditPassed(passed);
      case AuditFailed failed -> events.auditFailed(failed);
      case WorkflowSynthesized synthesized -> events.synthesized(synthesized);
      case io.agentmanager.contracts.event.WorkflowEvent other ->
          throw new IllegalArgumentException("not for this topic: " + other.kind());
    }
  }
}
