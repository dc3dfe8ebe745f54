package io.agentmanager.task.meter;

import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Counts what this replica committed to the history, by the type of its entries, and how long steps
 * waited for a worker.
 */
@Component
final class TransitionMeters implements CommitListener {
  private static final String CLAIMED = "step.claimed";

  /** Present from the start, so that the first of its kind is seen as a change. */
  private static final List<String> KNOWN =
      List.of(
          CLAIMED,
          "step.completed",
          "step.failed",
          "step.attempt_failed",
          "step.retry_scheduled",
          "step.lease_lost",
          "step.sent_back",
          "step.awaiting_approval",
          "step.approved",
          "step.rejected",
          "workflow.submitted",
          "workflow.planned",
          "workflow.audit_passed",
          "workflow.audit_failed",
          "workflow.reworking",
          "workflow.completed",
          "workflow.failed",
          "workflow.cancelled");

  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final MeterRegistry registry;
  private final Timer waits;

  TransitionMeters(MeterRegistry registry) {
    this.registry = registry;
    this.waits =
        Timer.builder("agentmanager.step.wait")
            .description("From when a step could be claimed to when it was")
            .serviceLevelObjectives(
                Duration.ofMillis(5),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10))
            .register(registry);
    KNOWN.forEach(type -> counters.computeIfAbsent(type, this::counter));
  }

  @Override
  public void committed(List<JournalEntry> entries) {
    for (JournalEntry entry : entries) {
      counters.computeIfAbsent(entry.type(), this::counter).increment();
      if (entry.data().get("waited_ms") instanceof Long waited) {
        waits.record(Duration.ofMillis(waited));
      }
    }
  }

  /** Whoever committed them has counted them. */
  @Override
  public void heard(List<JournalEntry> entries) {}

  private Counter counter(String type) {
    return Counter.builder("agentmanager.transitions")
        .description("Entries of workflows' histories")
        .tag("type", type)
        .register(registry);
  }
}
