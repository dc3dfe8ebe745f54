package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;

/** The answer to {@code POST /v1/tasks}: 201 with the graph, or 202 while it is planned. */
public record SubmissionAnswer(
    String workflowId,
    WorkflowStatus status,
    int totalTasks,
    Instant estimatedCompletion,
    List<StepSpec> tasks,
    Instant createdAt) {}
