package io.agentmanager.contracts.api;

import java.util.List;

/** The answer to {@code GET /v1/workers}. */
public record WorkerList(List<WorkerView> workers) {}
