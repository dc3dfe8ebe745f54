package io.agentmanager.contracts.internal;

/**
 * How a tenant's day stands.
 *
 * @param spent whether its models have used up what the day allows
 */
public record DayState(boolean spent) {}
