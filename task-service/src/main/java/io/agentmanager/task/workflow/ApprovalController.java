package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.ApprovalAnswer;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.StepApproval;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** What people say to what steps ask. */
@RestController
class ApprovalController {
  private static final int LONGEST_COMMENT = 10_000;
  private final WorkflowQueries queries;
  private final AdoptWorkflow adopt;
  private final WriteLanes lanes;

  ApprovalController(WorkflowQueries queries, AdoptWorkflow adopt, WriteLanes lanes) {
    this.queries = queries;
    this.adopt = adopt;
    this.lanes = lanes;
  }

  @PostMapping("/v1/workflows/{id}/steps/{step}/approval")
  StepView decide(
      Caller caller,
      @PathVariable String id,
      @PathVariable String step,
      @RequestBody(required = false) byte @Nullable [] body) {
    ApprovalAnswer answer = JsonBody.read(body, ApprovalAnswer.class);
    ApprovalDecision decision = check(answer);
    WorkflowKey key = new WorkflowKey(caller.tenant(), new WorkflowId(id));
    adopt.ensure(key);
    WriteReply reply =
        lanes
            .submit(
                WriteRequest.Apply.of(
                    key,
                    new Command.DecideApproval(
                        new StepId(step),
                        answer.attempt(),
                        decision,
                        answer.comment(),
                        caller.name())))
            .join();
    StepView now = view(key, step);
    if (reply instanceof WriteReply.Refused refused && !isRepeat(now.approval(), answer)) {
      throw ProblemException.of(ProblemType.CONFLICT, refused.why().detail());
    }
    return now;
  }

  private static ApprovalDecision check(ApprovalAnswer answer) {
    List<Problem.Fault> faults = new ArrayList<>();
    if (answer.comment() != null && answer.comment().length() > LONGEST_COMMENT) {
      faults.add(new Problem.Fault("/comment", "must have at most 10000 characters"));
    }
    if (answer.decision() == null) {
      faults.add(new Problem.Fault("/decision", "must be approve or reject"));
    }
    ApprovalDecision decision = answer.decision();
    if (decision == null || !faults.isEmpty()) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST.faults("The decision is invalid.", faults));
    }
    return decision;
  }

  /** Whoever says the same once more hears what came of it. */
  private static boolean isRepeat(@Nullable StepApproval known, ApprovalAnswer answer) {
    return known != null
        && known.decision() == answer.decision()
        && (answer.attempt() == null || known.attempt() == answer.attempt())
        && String.valueOf(known.comment()).equals(String.valueOf(answer.comment()));
  }

  private StepView view(WorkflowKey key, String step) {
    return queries
        .view(key)
        .flatMap(
            view -> tasks(view.tasks()).stream().filter(s -> s.stepId().equals(step)).findAny())
        .orElseThrow(() -> ProblemException.of(ProblemType.NOT_FOUND, "There is no such step."));
  }

  private static List<StepView> tasks(@Nullable List<StepView> tasks) {
    return tasks == null ? List.of() : tasks;
  }
}
