package io.agentmanager.contracts.api;

import java.util.List;

/** The steps that a claim got; empty when none was ready in time. */
public record ClaimAnswer(List<ClaimedTask> tasks) {}
