package io.agentmanager.audit;

import io.agentmanager.contracts.api.AuditReport.Suggestion;
import io.agentmanager.contracts.api.Usage;
import java.util.List;

/**
 * What an audit came to.
 *
 * @param suggestions which steps to redo; none when it passed
 * @param mendable whether redoing steps can help
 * @param usage what model calls of the audit spent
 */
public record Verdict(
    boolean passed,
    String feedback,
    List<Suggestion> suggestions,
    double confidence,
    boolean mendable,
    Usage usage) {}
