package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of workflows, newest first. */
public record WorkflowPage(List<WorkflowView> workflows, @Nullable String nextCursor) {}
