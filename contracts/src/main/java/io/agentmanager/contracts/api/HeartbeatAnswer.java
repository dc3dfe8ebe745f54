package io.agentmanager.contracts.api;

import java.util.List;

/** Attempts that the worker must stop working on, and the lease that the others now have. */
public record HeartbeatAnswer(List<AttemptRef> lost, List<AttemptRef> cancelled, int leaseSec) {}
