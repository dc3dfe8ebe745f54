package io.agentmanager.contracts.api;

import java.util.List;

/** The body of {@code POST /v1/results/batch}: 1 to 100 results, each judged alone. */
public record ResultBatch(List<StepResult> results) {}
