package io.agentmanager.contracts.api;

import java.util.List;

/** Open sessions, the one used last first. */
public record SessionList(List<SessionView> sessions) {}
