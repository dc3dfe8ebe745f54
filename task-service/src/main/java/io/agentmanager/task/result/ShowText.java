package io.agentmanager.task.result;

import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.TextEvent;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.database.TenantReads;
import io.agentmanager.task.workflow.LiveEvents;
import java.time.InstantSource;
import org.springframework.stereotype.Component;

/**
 * Shows the text that a model writes to those who watch its workflow at this replica. Where nobody
 * does, the database is asked nothing.
 */
@Component
class ShowText {
  private static final String RUNS =
      """
      SELECT 1 FROM step
      WHERE tenant_id = ? AND workflow_id = ? AND step_id = ? AND attempt = ? AND worker_id = ?
        AND status = 'IN_PROGRESS'
      """;
  private final LiveEvents events;
  private final TenantReads reads;
  private final InstantSource clock;

  ShowText(LiveEvents events, TenantReads reads, InstantSource clock) {
    this.events = events;
    this.reads = reads;
    this.clock = clock;
  }

  /** Text of an attempt that this worker does not run is shown to nobody. */
  void show(WorkflowKey key, StepId step, int attempt, String client, StreamedText text) {
    if (events.isWatched(key) && runs(new StepKey(key, step), attempt, client)) {
      events.show(key, TextEvent.of(clock.instant(), step.value(), attempt, text));
    }
  }

  private boolean runs(StepKey step, int attempt, String client) {
    return reads.any(
        step.workflow().tenant(),
        RUNS,
        step.workflow().tenant().value(),
        step.workflow().workflow().value(),
        step.step().value(),
        attempt,
        client);
  }
}
