package io.agentmanager.planner.synthesis;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Answers, for the task-service. */
@RestController
class SynthesisController {
  private final Syntheses syntheses;

  SynthesisController(Syntheses syntheses) {
    this.syntheses = syntheses;
  }

  @GetMapping("/internal/syntheses/{id}/{cycle}")
  SynthesisDocument synthesis(Caller caller, @PathVariable String id, @PathVariable int cycle) {
    return syntheses
        .find(new WorkflowKey(caller.tenant(), new WorkflowId(id)), cycle)
        .orElseThrow(
            () -> ProblemException.of(ProblemType.NOT_FOUND, "There is no such synthesis."));
  }
}
