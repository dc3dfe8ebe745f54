package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Live progress of a running attempt, idempotent by the index of each iteration.
 *
 * @param iterations may be absent where there is streamed text
 */
public record IterationReport(
    @Nullable String clientId,
    @Nullable Integer attempt,
    @Nullable List<Iteration> iterations,
    @Nullable StreamedText streamed) {}
