package io.agentmanager.gateway.diagnosis;

import io.agentmanager.contracts.api.Diagnosis;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** For operators alone: capabilities of all tenants may stand in it. */
@RestController
class DiagnosisController {
  private final Installation installation;
  private final Scheduler blocking;

  DiagnosisController(Installation installation, Scheduler blocking) {
    this.installation = installation;
    this.blocking = blocking;
  }

  @GetMapping("/v1/diagnostics")
  Mono<Diagnosis> look() {
    return Mono.fromSupplier(installation::look).subscribeOn(blocking);
  }
}
