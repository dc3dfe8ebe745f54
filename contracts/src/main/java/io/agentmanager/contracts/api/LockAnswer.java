package io.agentmanager.contracts.api;

import java.time.Instant;

/** A lock that is held, and until when if nothing renews the attempt. */
public record LockAnswer(String lockId, Instant expiresAt) {}
