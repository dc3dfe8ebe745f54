package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/**
 * What to compare the trail with besides the published heads.
 *
 * @param checkpoint one that was exported before
 */
public record TrailVerifyRequest(@Nullable String checkpoint) {}
