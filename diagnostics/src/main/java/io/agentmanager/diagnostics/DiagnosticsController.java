package io.agentmanager.diagnostics;

import io.agentmanager.contracts.api.Diagnosis;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A service's own part, for the gateway, which asks in its own name. */
@RestController
public final class DiagnosticsController {
  private final Diagnostics diagnostics;
  private final Scheduler blocking;

  DiagnosticsController(Diagnostics diagnostics, Scheduler blocking) {
    this.diagnostics = diagnostics;
    this.blocking = blocking;
  }

  @GetMapping("/internal/diagnostics")
  Mono<Diagnosis> look() {
    return Mono.fromSupplier(diagnostics::look).subscribeOn(blocking);
  }
}
