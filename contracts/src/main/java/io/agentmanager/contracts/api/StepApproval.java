package io.agentmanager.contracts.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an attempt asked a person, and the answer once there is one.
 *
 * @param attempt that asked
 * @param asked what the worker posted as {@code approval}
 * @param decision absent while the step waits
 * @param decidedBy the caller's name
 */
public record StepApproval(
    int attempt,
    ObjectNode asked,
    Instant askedAt,
    @Nullable ApprovalDecision decision,
    @Nullable String comment,
    @Nullable String decidedBy,
    @Nullable Instant decidedAt) {}
