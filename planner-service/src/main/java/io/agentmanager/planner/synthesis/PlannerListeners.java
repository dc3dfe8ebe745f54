package io.agentmanager.planner.synthesis;

import io.agentmanager.contracts.event.WorkflowEvent.AuditPassed;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowFinished;
import io.agentmanager.journal.EventReader;
import io.agentmanager.planner.submission.Submissions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** What the planner hears from Kafka. It only notes down what is to be done. */
@Component
class PlannerListeners {
  private final RequestSynthesis requests;
  private final Submissions submissions;

  PlannerListeners(RequestSynthesis requests, Submissions submissions) {
    this.requests = requests;
    this.submissions = submissions;
  }

  @KafkaListener(
      id = "planner-events",
      groupId = "planner-service",
      topics = {
        "${agentmanager.topics.prefix:agentmanager.}audit-passed",
        "${agentmanager.topics.prefix:agentmanager.}finished"
      })
  void hear(ConsumerRecord<String, byte[]> record) {
    switch (EventReader.read(record)) {
      case AuditPassed passed -> requests.request(passed.key(), passed.auditCycle());
      case WorkflowFinished finished -> submissions.finished(finished.key());
      case io.agentmanager.contracts.event.WorkflowEvent other ->
          throw new IllegalArgumentException("not for this topic: " + other.kind());
    }
  }
}
