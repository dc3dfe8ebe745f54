package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One entry of the journal; {@code seq} grows, with gaps. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record HistoryEvent(
    long seq,
    String type,
    Instant at,
    @Nullable String stepId,
    @Nullable Integer attempt,
    @Nullable JsonNode data) {}
