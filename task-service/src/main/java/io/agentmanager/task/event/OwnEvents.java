package io.agentmanager.task.event;

import io.agentmanager.contracts.event.WorkflowEvent;
import java.util.HashSet;
import java.util.Set;

/**
 * The events that this replica has committed lately. Whoever waits here was woken by the commit;
 * that the same event comes back from Kafka says nothing new. What is forgotten costs a look.
 */
final class OwnEvents {
  private static final int MOST = 20_000;
  private Set<WorkflowEvent> newer = new HashSet<>();
  private Set<WorkflowEvent> older = new HashSet<>();

  synchronized void add(WorkflowEvent event) {
    if (newer.size() >= MOST) {
      older = newer;
      newer = new HashSet<>();
    }
    newer.add(event);
  }

  /** Whether this is one of them; the next time it is not. */
  synchronized boolean remove(WorkflowEvent event) {
    return newer.remove(event) || older.remove(event);
  }
}
