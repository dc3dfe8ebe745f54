package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of workflows, newest first. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record WorkflowPage(List<WorkflowView> workflows, @Nullable String nextCursor) {}
