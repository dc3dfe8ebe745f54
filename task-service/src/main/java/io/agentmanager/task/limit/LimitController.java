package io.agentmanager.task.limit;

import io.agentmanager.contracts.internal.DayState;
import io.agentmanager.http.Caller;
import java.time.InstantSource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells the other services what a tenant has left. */
@RestController
class LimitController {
  private final Allowances allowances;
  private final InstantSource clock;

  LimitController(Allowances allowances, InstantSource clock) {
    this.allowances = allowances;
    this.clock = clock;
  }

  @GetMapping("/internal/day")
  DayState day(Caller caller) {
    return new DayState(allowances.isSpent(caller.tenant(), clock.instant()));
  }
}
