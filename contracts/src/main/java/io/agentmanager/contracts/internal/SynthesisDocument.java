package io.agentmanager.contracts.internal;

import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The final answer of a workflow, or why there is none.
 *
 * @param sources the steps that the answer rests on
 */
public record SynthesisDocument(
    String workflowId,
    int cycle,
    @Nullable String result,
    List<String> sources,
    @Nullable StepError failure,
    Usage usage) {}
