package io.agentmanager.contracts.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The body of a rotation.
 *
 * @param grace how long the secret before is still taken: zero to seven days, absent means an hour
 */
public record TokenRotation(@Nullable Duration grace) {}
