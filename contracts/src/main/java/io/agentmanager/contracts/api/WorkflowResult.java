package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The outcome of a finished workflow, and the steps that it rests on. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record WorkflowResult(
    String workflowId,
    WorkflowStatus status,
    @Nullable String result,
    @Nullable StepError error,
    List<String> sources) {}
