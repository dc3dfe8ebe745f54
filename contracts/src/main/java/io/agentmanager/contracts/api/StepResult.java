package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/** The body of {@code POST /v1/results}: what an attempt came to. */
public record StepResult(
    String workflowId,
    String stepId,
    String clientId,
    int attempt,
    ResultStatus status,
    @Nullable RaHistory raHistory,
    @Nullable Double executionTime,
    @Nullable StepError error) {}
