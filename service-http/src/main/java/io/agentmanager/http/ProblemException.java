package io.agentmanager.http;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import java.util.List;

/** Ends a request with a problem. */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final transient Problem problem;

  /** Ends the request with this problem. */
  public ProblemException(Problem problem) {
    super(problem.title() + ": " + problem.detail(), null, false, false);
    this.problem = problem;
  }

  /** Ends the request with a problem of that kind. */
  public static ProblemException of(ProblemType type, String detail) {
    return new ProblemException(type.detail(detail));
  }

  /** Ends the request with one fault in the body. */
  public static ProblemException invalid(String pointer, String message) {
    return new ProblemException(
        ProblemType.INVALID_REQUEST.faults(message, List.of(new Problem.Fault(pointer, message))));
  }

  /** What the caller is told. */
  public Problem problem() {
    return problem;
  }
}
