package io.agentmanager.contracts.internal;

import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the planner knows of a workflow: the submission, and the plan once there is one.
 *
 * @param submission as submitted, without its tasks
 * @param tasks the plan; absent while it is being made or when planning failed
 * @param failure why there will be no plan
 * @param usage what the model planner spent
 * @param traceparent the workflow's place in a trace (W3C Trace Context), if it has one
 */
public record PlanDocument(
    String tenantId,
    String workflowId,
    TaskSubmission submission,
    @Nullable List<StepSpec> tasks,
    @Nullable StepError failure,
    Usage usage,
    Instant createdAt,
    @Nullable String traceparent) {}
