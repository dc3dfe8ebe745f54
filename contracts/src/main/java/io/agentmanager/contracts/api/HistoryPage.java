package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of the journal; absent {@code next_after} means there was no more. */
public record HistoryPage(List<HistoryEvent> events, @Nullable Long nextAfter) {}
