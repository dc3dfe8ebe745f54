package io.agentmanager.contracts.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What one attempt came to, as the server keeps it. */
public record AttemptResult(
    int attempt,
    ResultStatus status,
    String clientId,
    boolean accepted,
    RaHistory raHistory,
    @Nullable Double executionTime,
    @Nullable StepError error,
    Usage usage,
    Instant createdAt) {}
