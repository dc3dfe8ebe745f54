package io.agentmanager.contracts.api;

import java.util.List;

/** Every attempt's result of one step, oldest first. */
public record StepResults(String workflowId, String stepId, List<AttemptResult> results) {}
