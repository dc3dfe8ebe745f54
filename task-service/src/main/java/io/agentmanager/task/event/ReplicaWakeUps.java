package io.agentmanager.task.event;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.EventReader;
import io.agentmanager.journal.JournalEntry;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/**
 * Every replica hears what any replica made ready or finished, in a consumer group of its own, and
 * wakes the claims and streams that wait here. A record that is missed costs a look, nothing more.
 */
@Component
class ReplicaWakeUps implements CommitListener {
  private final ObjectProvider<CommitListener> listeners;
  private final OwnEvents own = new OwnEvents();

  ReplicaWakeUps(ObjectProvider<CommitListener> listeners) {
    this.listeners = listeners;
  }

  @KafkaListener(
      id = "task-service-wake-ups",
      batch = "true",
      ackMode = "MANUAL",
      groupId = "task-service-replica-${random.uuid}",
      topics = {
        "${agentmanager.topics.prefix:agentmanager.}ready",
        "${agentmanager.topics.prefix:agentmanager.}completed",
        "${agentmanager.topics.prefix:agentmanager.}finished"
      },
      properties = {"auto.offset.reset=latest", "enable.auto.commit=false"})
  void wake(List<ConsumerRecord<String, byte[]>> records) {
    List<JournalEntry> news =
        records.stream().flatMap(ReplicaWakeUps::entry).filter(e -> !isOwn(e)).toList();
    if (!news.isEmpty()) {
      listeners.stream().filter(l -> l != this).forEach(l -> l.heard(news));
    }
  }

  /** What this replica commits need not wake it again. */
  @Override
  public void committed(List<JournalEntry> entries) {
    for (JournalEntry entry : entries) {
      switch (entry.event()) {
        case WorkflowEvent.StepReady ready -> own.add(ready);
        case WorkflowEvent.StepCompleted completed -> own.add(completed);
        case WorkflowEvent.WorkflowFinished finished -> own.add(finished);
        case null, default -> {}
      }
    }
  }

  private boolean isOwn(JournalEntry entry) {
    return entry.event() != null && own.remove(entry.event());
  }

  /** A record that cannot be read wakes nobody; whoever must understand it has it too. */
  private static Stream<JournalEntry> entry(ConsumerRecord<String, byte[]> record) {
    try {
      return Stream.of(entry(EventReader.read(record)));
    } catch (EventReader.UnreadableEvent e) {
      return Stream.empty();
    }
  }

  private static JournalEntry entry(WorkflowEvent event) {
    return event instanceof WorkflowEvent.StepReady ready
        ? JournalEntry.published("step.ready", ready.stepId(), ready.attempt(), ready)
        : JournalEntry.published(event.kind().topic(), event);
  }
}
