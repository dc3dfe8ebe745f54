package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/** The body of a cancellation. */
public record CancelRequest(@Nullable String reason) {}
