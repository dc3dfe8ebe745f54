package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/** The body of {@code POST /v1/locks}. */
public record LockRequest(
    @Nullable String clientId,
    @Nullable String workflowId,
    @Nullable String stepId,
    @Nullable Integer attempt,
    @Nullable String filePath,
    @Nullable AccessType accessType,
    @Nullable Integer waitSec) {}
