package io.agentmanager.task.result;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.lifecycle.Decision;

/** From a refusal of the lifecycle to the problem that the caller gets. */
final class Refusals {
  private Refusals() {}

  static ProblemException problem(Decision.Refused refused) {
    ProblemType type =
        switch (refused.reason()) {
          case UNKNOWN_STEP -> ProblemType.NOT_FOUND;
          case STALE_ATTEMPT -> ProblemType.STALE_ATTEMPT;
          case ENDED, OTHER_PHASE -> ProblemType.CONFLICT;
          case TOO_MUCH -> ProblemType.TOO_LARGE;
        };
    return ProblemException.of(type, refused.detail());
  }
}
