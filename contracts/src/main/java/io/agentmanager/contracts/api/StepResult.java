package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of {@code POST /v1/results}: what an attempt came to.
 *
 * @param executionTime seconds
 * @param error with status {@code failed}
 * @param approval with status {@code awaiting_approval}: what a person is to decide, at most 64 KiB
 * @param artefacts what was made besides the result, at most 100
 */
public record StepResult(
    String workflowId,
    String stepId,
    String clientId,
    int attempt,
    ResultStatus status,
    @Nullable RaHistory raHistory,
    @Nullable Double executionTime,
    @Nullable StepError error,
    @Nullable ObjectNode approval,
    @Nullable List<Artefact> artefacts) {

  /** A result that asks nothing and made nothing besides. */
  public StepResult(
      String workflowId,
      String stepId,
      String clientId,
      int attempt,
      ResultStatus status,
      @Nullable RaHistory raHistory,
      @Nullable Double executionTime,
      @Nullable StepError error) {
    this(
        workflowId, stepId, clientId, attempt, status, raHistory, executionTime, error, null, null);
  }

  /** The artefacts, never null. */
  public List<Artefact> artefactList() {
    return artefacts == null ? List.of() : artefacts;
  }
}
