package io.agentmanager.planner.synthesis;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers, for the task-service. */
@RestController
class SynthesisController {
  private final Syntheses syntheses;
  private final RequestSynthesis requests;

  SynthesisController(Syntheses syntheses, RequestSynthesis requests) {
    this.requests = requests;
    this.syntheses = syntheses;
  }

  @GetMapping("/internal/syntheses/{id}/{cycle}")
  SynthesisDocument synthesis(Caller caller, @PathVariable String id, @PathVariable int cycle) {
    return syntheses
        .find(new WorkflowKey(caller.tenant(), new WorkflowId(id)), cycle)
        .orElseThrow(
            () -> ProblemException.of(ProblemType.NOT_FOUND, "There is no such synthesis."));
  }

  /** The task-service waits for this answer. */
  @PutMapping("/internal/syntheses/{id}/{cycle}")
  ResponseEntity<Void> ensure(Caller caller, @PathVariable String id, @PathVariable int cycle) {
    requests.ensure(new WorkflowKey(caller.tenant(), new WorkflowId(id)), cycle);
    return ResponseEntity.accepted().build();
  }
}
