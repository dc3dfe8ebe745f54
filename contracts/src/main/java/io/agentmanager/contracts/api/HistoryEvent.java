package io.agentmanager.contracts.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One entry of the journal; {@code seq} grows, with gaps. */
public record HistoryEvent(
    long seq,
    String type,
    Instant at,
    @Nullable String stepId,
    @Nullable Integer attempt,
    @Nullable JsonNode data) {}
