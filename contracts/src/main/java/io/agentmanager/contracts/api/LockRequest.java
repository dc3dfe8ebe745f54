package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/locks}: a lock on a file that a step found it needs while it runs.
 *
 * @param clientId the worker that holds the attempt
 * @param attempt the fencing token: the lock falls with this attempt
 * @param filePath relative to the workspace root
 * @param accessType absent means write
 * @param waitSec how long to wait for others to let go, 0 to 30, absent means 0
 */
public record LockRequest(
    @Nullable String clientId,
    @Nullable String workflowId,
    @Nullable String stepId,
    @Nullable Integer attempt,
    @Nullable String filePath,
    @Nullable AccessType accessType,
    @Nullable Integer waitSec) {}
