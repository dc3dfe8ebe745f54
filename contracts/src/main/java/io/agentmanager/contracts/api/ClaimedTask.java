package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A step in the hands of a worker: the STEP, and what this attempt needs.
 *
 * @param leaseSec seconds from the moment the claim was sent
 * @param reworkNotes what audits said of earlier results
 * @param previousResult the result that a rework sent back
 * @param dependencyResults final results by step, up to 1 MiB in all
 * @param previousIterations the checkpoint that an earlier attempt left
 * @param budget what this attempt may spend
 * @param approval what a person said to what an earlier attempt asked; absent where none was asked
 * @param traceparent the workflow's place in a trace (W3C Trace Context), for the worker's spans
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ClaimedTask(
    String stepId,
    String taskDescription,
    String assignedAgent,
    List<String> dependencies,
    @Nullable ObjectNode input,
    List<String> fileDependencies,
    Map<String, AccessType> fileAccessTypes,
    @Nullable Checks checks,
    int maxAttempts,
    Duration timeout,
    int maxIterations,
    String workflowId,
    int attempt,
    int leaseSec,
    List<String> reworkNotes,
    @Nullable String previousResult,
    Map<String, String> dependencyResults,
    boolean dependencyResultsTruncated,
    List<Iteration> previousIterations,
    Budget budget,
    @Nullable StepApproval approval,
    @Nullable String traceparent) {}
