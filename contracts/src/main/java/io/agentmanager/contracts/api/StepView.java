package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A step within a {@link WorkflowView}: the STEP, and where it stands.
 *
 * @param approval what its last attempt that asked a person asked, and the answer
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record StepView(
    String stepId,
    String taskDescription,
    String assignedAgent,
    List<String> dependencies,
    @Nullable ObjectNode input,
    List<String> fileDependencies,
    Map<String, AccessType> fileAccessTypes,
    @Nullable Checks checks,
    int maxAttempts,
    Duration timeout,
    int maxIterations,
    StepStatus status,
    int attempt,
    @Nullable String clientId,
    @Nullable Instant startedAt,
    @Nullable Instant completedAt,
    @Nullable String finalResult,
    List<String> reworkNotes,
    @Nullable StepApproval approval) {}
