package io.agentmanager.contracts.api;

/** The accepted result of one step, for workers whose dependency results were truncated. */
public record StepFinalResult(String workflowId, String stepId, int attempt, String finalResult) {}
