package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/workflows/{id}/steps/{step_id}/approval}.
 *
 * @param decision required
 * @param attempt that asked what is answered: where it is given, no later question is answered by
 *     mistake
 * @param comment for the worker and the history, at most 10,000 characters
 */
public record ApprovalAnswer(
    @Nullable ApprovalDecision decision, @Nullable String comment, @Nullable Integer attempt) {}
