package io.agentmanager.contracts.internal;

import io.agentmanager.contracts.api.WorkflowStatus;

/** That a workflow is there, and where it stands. */
public record WorkflowPresence(String workflowId, WorkflowStatus status) {}
