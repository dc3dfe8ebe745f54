package io.agentmanager.worker;

import io.agentmanager.contracts.api.Problem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The server answered, and the answer is no. */
final class Refused extends IOException {
  private static final long serialVersionUID = 1;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private final int status;
  private final boolean ofTheServer;

  /**
   * A refusal.
   *
   * @param problem what the server says of it; null when it came from elsewhere, a proxy perhaps
   */
  Refused(int status, @Nullable Problem problem, String otherwise) {
    super(
        status + ": " + (problem == null ? otherwise : problem.title() + ": " + problem.detail()));
    this.status = status;
    this.ofTheServer = problem != null;
  }

  /** Whether it is the server's own word. */
  boolean isOfTheServer() {
    return ofTheServer;
  }

  int status() {
    return status;
  }

  /** Whether the token was not taken, or does not allow this. */
  boolean isOfTheToken() {
    return status == UNAUTHORIZED || status == FORBIDDEN;
  }

  /** Whether the same call may succeed later. */
  boolean isPassing() {
    return GatewayCalls.isPassing(status);
  }
}
