package io.agentmanager.planner.synthesis;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.event.WorkflowEvent.AuditPassed;
import io.agentmanager.journal.AllAtOnce;
import io.agentmanager.journal.SideBySide;
import io.agentmanager.planner.submission.Submissions;
import io.agentmanager.tracing.Traces;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** What the planner hears from Kafka. It only notes down what is to be done. */
@Component
class PlannerListeners {
  private final SideBySide verdicts;
  private final AllAtOnce ends;

  PlannerListeners(RequestSynthesis requests, Submissions submissions, Traces traces) {
    this.verdicts = new SideBySide(event -> verdict(requests, event), traces);
    this.ends =
        new AllAtOnce(
            events -> {
              submissions.finished(events.stream().map(WorkflowEvent::key).toList());
              return Map.of();
            },
            traces);
  }

  @KafkaListener(
      id = "planner-verdicts",
      batch = "true",
      groupId = "planner-service",
      topics = "${agentmanager.topics.prefix:agentmanager.}audit-passed")
  void verdicts(List<ConsumerRecord<String, byte[]>> records) {
    verdicts.handle(records);
  }

  /** Retention alone needs them, so the broker gathers for a while. */
  @KafkaListener(
      id = "planner-ends",
      batch = "true",
      groupId = "planner-service",
      topics = "${agentmanager.topics.prefix:agentmanager.}finished",
      properties = {"fetch.min.bytes=65536", "fetch.max.wait.ms=500"})
  void ends(List<ConsumerRecord<String, byte[]>> records) {
    ends.handle(records);
  }

  private static void verdict(RequestSynthesis requests, WorkflowEvent event) {
    if (!(event instanceof AuditPassed passed)) {
      throw new IllegalArgumentException("not for this topic: " + event.kind());
    }
    requests.request(passed.key(), passed.auditCycle());
  }
}
