package io.agentmanager.journal;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of a workflow's history.
 *
 * @param type past tense with its subject, such as {@code step.completed}
 * @param event what is published on Kafka; absent for what only history keeps
 * @param data facts for the reader of the history; for a published entry the event itself
 */
public record JournalEntry(
    WorkflowKey key,
    String type,
    @Nullable StepId step,
    @Nullable Integer attempt,
    @Nullable WorkflowEvent event,
    Map<String, Object> data) {

  /** An entry about the workflow that only history keeps. */
  public static JournalEntry noted(WorkflowKey key, String type, Map<String, Object> data) {
    return new JournalEntry(key, type, null, null, null, data);
  }

  /** An entry about an attempt that only history keeps. */
  public static JournalEntry noted(
      WorkflowKey key, String type, StepId step, int attempt, Map<String, Object> data) {
    return new JournalEntry(key, type, step, attempt, null, data);
  }

  /** An entry about the workflow that is published as well. */
  public static JournalEntry published(String type, WorkflowEvent event) {
    return new JournalEntry(event.key(), type, null, null, event, Map.of());
  }

  /** An entry about an attempt that is published as well. */
  public static JournalEntry published(String type, StepId step, int attempt, WorkflowEvent event) {
    return new JournalEntry(event.key(), type, step, attempt, event, Map.of());
  }
}
