package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;

/**
 * What one audit said.
 *
 * @param cycle 0 for the first audit of a workflow
 * @param confidenceScore 0 to 1; a rule audit is certain of what it checks and says 1
 * @param reviewedTasks the steps that were looked at
 */
public record AuditReport(
    int cycle,
    boolean isSuccessful,
    String feedback,
    List<Suggestion> reworkSuggestions,
    double confidenceScore,
    List<String> reviewedTasks,
    AuditMode mode,
    Instant createdAt) {

  /** Which step to redo, and what to mind. */
  public record Suggestion(String stepId, String note) {}
}
