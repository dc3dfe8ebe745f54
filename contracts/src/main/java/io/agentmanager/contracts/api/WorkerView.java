package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A worker as {@code GET /v1/workers} shows it. */
public record WorkerView(
    String clientAgentId,
    List<String> agentCapabilities,
    int maxParallelTasks,
    @Nullable String instanceId,
    @Nullable String version,
    String status,
    Instant registeredAt,
    Instant lastHeartbeat,
    List<AttemptRef> holding) {}
