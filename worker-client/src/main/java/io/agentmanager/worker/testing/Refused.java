package io.agentmanager.worker.testing;

import io.agentmanager.contracts.api.ProblemType;

/** A call that does not fit: what the real server answers. */
final class Refused extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private final ProblemType type;

  Refused(ProblemType type, String detail) {
    super(detail);
    this.type = type;
  }

  ProblemType type() {
    return type;
  }
}
