package io.agentmanager.task.workflow;

import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Plans that the planner brings as soon as it has stored them. */
@RestController
class AdoptionController {
  private final AdoptWorkflow adopt;
  private final Scheduler blocking;

  AdoptionController(AdoptWorkflow adopt, Scheduler blocking) {
    this.adopt = adopt;
    this.blocking = blocking;
  }

  @PostMapping("/internal/workflows")
  Mono<ResponseEntity<Void>> bring(Caller caller, @RequestBody List<PlanDocument> documents) {
    if (documents.stream().anyMatch(d -> !d.tenantId().equals(caller.tenant().value()))) {
      throw ProblemException.invalid("", "must be plans of the caller's tenant");
    }
    return Mono.fromCallable(() -> adopt.takeOver(documents))
        .subscribeOn(blocking)
        .flatMap(Mono::fromFuture)
        .thenReturn(ResponseEntity.noContent().build());
  }
}
