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
      @Nullable Problem problem) {
    private static final int OK = 200;

    /** The server has taken it. */
    public static Item accepted(ResultAnswer answer) {
      return new Item(
          answer.workflowId(),
          answer.stepId(),
          answer.attempt(),
          OK,
          answer.success(),
          answer.workflowStatus(),
          answer.nextAction(),
          null);
    }

    /** The server has not taken it, for a reason. */
    public static Item refused(AttemptRef attempt, Problem problem) {
      return new Item(
          attempt.workflowId(),
          attempt.stepId(),
          attempt.attempt(),
          problem.status(),
          null,
          null,
          null,
          problem);
    }
  }
}
