package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;
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
    @Nullable List<Artefact> artefacts,
    Usage usage,
    Instant createdAt) {}
