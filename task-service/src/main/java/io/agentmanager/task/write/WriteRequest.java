package io.agentmanager.task.write;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.task.lifecycle.Command;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something to be written about one workflow. */
public sealed interface WriteRequest {
  /** The workflow, whose lane the request waits in. */
  WorkflowKey key();

  /** Applies a command of the lifecycle. */
  record Apply(WorkflowKey key, Command command, @Nullable Expense expense, @Nullable Answer answer)
      implements WriteRequest {
    /** A command that brings nothing else along. */
    public static Apply of(WorkflowKey key, Command command) {
      return new Apply(key, command, null, null);
    }
  }

  /** Takes over what the planner knows: the workflow if it is new, and its plan if there is one. */
  record Adopt(WorkflowKey key, PlanDocument document) implements WriteRequest {}

  /** Accepts or refuses a worker's result. */
  record PostResult(WorkflowKey key, StepResult result) implements WriteRequest {}

  /** Keeps iterations of a running attempt. */
  record PostIterations(
      WorkflowKey key, StepId step, int attempt, String client, List<Iteration> iterations)
      implements WriteRequest {}

  /** What was spent on the way to a command, and by what. */
  record Expense(String spentBy, Usage usage) {}

  /** The final answer that comes with a synthesis. */
  record Answer(String text, List<String> sources) {}
}
