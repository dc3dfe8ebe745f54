package io.agentmanager.task.meter;

import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.tracing.LogContext;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.stereotype.Component;

/**
 * Tells in the log what an operator looks for there: what went wrong with steps, and how workflows
 * ended that did not complete. All else is in their histories, and would be thousands of lines a
 * second. What workers and models say stays out of it.
 */
@Component
final class TransitionLog implements CommitListener {
  private static final Logger log = LoggerFactory.getLogger(TransitionLog.class);

  /** What is told, by the type of its entry. */
  private static final Map<String, String> TOLD =
      Map.of(
          "step.attempt_failed", "an attempt failed",
          "step.lease_lost", "a worker was not heard of in time and lost its lease",
          "step.failed", "a step failed for good",
          "workflow.reworking", "an audit sent steps back",
          "workflow.failed", "a workflow failed",
          "workflow.cancelled", "a workflow was cancelled");

  @Override
  public void committed(List<JournalEntry> entries) {
    for (JournalEntry entry : entries) {
      String what = TOLD.get(entry.type());
      if (what != null) {
        tell(entry, what);
      }
    }
  }

  /** Whoever committed them has told. */
  @Override
  public void heard(List<JournalEntry> entries) {}

  private static void tell(JournalEntry entry, String what) {
    String workflow = entry.key().workflow().value();
    LoggingEventBuilder line =
        log.atInfo()
            .addKeyValue(LogContext.TENANT, entry.key().tenant().value())
            .addKeyValue(LogContext.WORKFLOW, workflow);
    if (entry.step() == null) {
      line.log("{}: {}", workflow, what);
    } else {
      line.addKeyValue(LogContext.STEP, entry.step().value())
          .addKeyValue(LogContext.ATTEMPT, entry.attempt())
          .log("{} {}, attempt {}: {}", workflow, entry.step().value(), entry.attempt(), what);
    }
  }
}
