package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A workflow as {@code GET /v1/workflows/{id}} shows it. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record WorkflowView(
    String workflowId,
    WorkflowStatus status,
    String description,
    int priority,
    @Nullable ObjectNode metadata,
    Progress progress,
    int reworkCycle,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<StepView> tasks,
    @Nullable String result,
    @Nullable StepError error,
    Usage usage,
    @Nullable Instant deadline,
    Instant createdAt,
    @Nullable Instant completedAt) {

  /** How many steps stand where. */
  public record Progress(
      int total,
      int pending,
      int ready,
      int inProgress,
      int awaitingApproval,
      int completed,
      int failed,
      int cancelled) {}
}
