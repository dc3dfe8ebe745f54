package io.agentmanager.contracts.api;

/** Names one attempt at one step. */
public record AttemptRef(String workflowId, String stepId, int attempt) {}
