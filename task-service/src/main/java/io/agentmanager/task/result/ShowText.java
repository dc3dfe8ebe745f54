package io.agentmanager.task.result;

import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.TextEvent;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.database.TenantReads;
import io.agentmanager.task.workflow.LiveTexts;
import java.time.InstantSource;
import org.springframework.stereotype.Component;

/**
 * Shows the text that a model writes to those who watch its workflow. Where nobody does, the
 * database is asked nothing.
 */
@Component
class ShowText {
  private static final String WRITES =
      """
      SELECT 1 FROM step AS s
      WHERE s.tenant_id = ? AND s.workflow_id = ? AND s.step_id = ? AND s.attempt = ?
        AND s.worker_id = ? AND s.status = 'IN_PROGRESS'
        AND NOT EXISTS (
          SELECT 1 FROM step_iteration AS i
          WHERE i.tenant_id = s.tenant_id AND i.workflow_id = s.workflow_id
            AND i.step_id = s.step_id AND i.attempt = s.attempt AND i.index >= ?)
      """;
  private final LiveTexts texts;
  private final TenantReads reads;
  private final InstantSource clock;

  ShowText(LiveTexts texts, TenantReads reads, InstantSource clock) {
    this.texts = texts;
    this.reads = reads;
    this.clock = clock;
  }

  /** Text of an attempt that this worker does not run, or of a turn that is over, is dropped. */
  void show(WorkflowKey key, StepId step, int attempt, String client, StreamedText text) {
    if (texts.isWatched(key) && isWriting(new StepKey(key, step), attempt, client, text.index())) {
      texts.show(key, TextEvent.of(clock.instant(), step.value(), attempt, text));
    }
  }

  private boolean isWriting(StepKey step, int attempt, String client, int iteration) {
    return reads.any(
        step.workflow().tenant(),
        WRITES,
        step.workflow().tenant().value(),
        step.workflow().workflow().value(),
        step.step().value(),
        attempt,
        client,
        iteration);
  }
}
