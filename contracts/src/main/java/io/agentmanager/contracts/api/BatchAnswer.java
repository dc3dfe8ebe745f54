package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answers to a batch of results, in the order sent. */
public record BatchAnswer(List<Item> results) {

  /** The answer to one of them: an accepted one carries the answer's fields, else the problem. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Item(
      String workflowId,
      String stepId,
      int attempt,
      int status,
      @Nullable Boolean success,
      @Nullable WorkflowStatus workflowStatus,
      ResultAnswer.@Nullable NextAction nextAction,
      @Nullable Problem problem) {}
}
