package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of {@code PUT /v1/workers/{client_agent_id}}. */
public record WorkerRegistration(
    @Nullable List<String> agentCapabilities,
    @Nullable Integer maxParallelTasks,
    @Nullable String instanceId,
    @Nullable String version) {}
