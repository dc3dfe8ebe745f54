package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of the trail, oldest first.
 *
 * @param nextAfter where the next part begins; absent at the end
 */
public record TrailPage(List<TrailEntry> entries, @Nullable Long nextAfter) {}
