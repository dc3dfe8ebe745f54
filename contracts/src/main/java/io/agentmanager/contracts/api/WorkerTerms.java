package io.agentmanager.contracts.api;

/** What the server asks of a worker; a lease is three heartbeat intervals. */
public record WorkerTerms(int heartbeatIntervalSec, int leaseSec) {}
