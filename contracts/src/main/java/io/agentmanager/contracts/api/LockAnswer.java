package io.agentmanager.contracts.api;

import java.time.Instant;

/**
 * A lock that is held now.
 *
 * @param lockId names it when it is let go
 * @param expiresAt when it falls unless heartbeats keep its attempt alive
 */
public record LockAnswer(String lockId, Instant expiresAt) {}
