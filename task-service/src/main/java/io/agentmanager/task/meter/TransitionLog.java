package io.agentmanager.task.meter;

import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.tracing.LogContext;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
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

  /** Whoever waits for this commit waits for its lines. */
  private static final int MOST_AT_ONCE = 20;

  /** What is told, by the type of its entry. */
  private static final Map<String, String> TOLD =
      Map.of(
          "step.attempt_failed", "an attempt failed",
          "step.lease_lost", "a worker was not heard of in time and lost its lease",
          "step.failed", "a step failed for good",
          "step.rejected", "a person did not approve what a step asked",
          "workflow.reworking", "an audit sent steps back",
          "workflow.failed", "a workflow failed",
          "workflow.cancelled", "a workflow was cancelled");

  @Override
  public void committed(List<JournalEntry> entries) {
    List<JournalEntry> told = entries.stream().filter(e -> TOLD.containsKey(e.type())).toList();
    told.stream().limit(MOST_AT_ONCE).forEach(TransitionLog::tell);
    if (told.size() > MOST_AT_ONCE) {
      log.info("and {} more of the kind", told.size() - MOST_AT_ONCE);
    }
  }

  /** Whoever committed them has told. */
  @Override
  public void heard(List<JournalEntry> entries) {}

  private static void tell(JournalEntry entry) {
    String what = TOLD.get(entry.type());
    String workflow = entry.key().workflow().value();
    LoggingEventBuilder line = log.atInfo();
    add(line, LogContext.TENANT, entry.key().tenant().value());
    add(line, LogContext.WORKFLOW, workflow);
    if (entry.step() == null) {
      line.log("{}: {}", workflow, what);
    } else {
      add(line, LogContext.STEP, entry.step().value());
      add(line, LogContext.ATTEMPT, String.valueOf(entry.attempt()));
      line.log("{} {}, attempt {}: {}", workflow, entry.step().value(), entry.attempt(), what);
    }
  }

  /** A field that the thread's context has as well would cost the whole line. */
  private static void add(LoggingEventBuilder line, String field, String value) {
    if (MDC.get(field) == null) {
      var unused = line.addKeyValue(field, value);
    }
  }
}
