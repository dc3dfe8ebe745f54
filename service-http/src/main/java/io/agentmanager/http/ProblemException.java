package io.agentmanager.http;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Ends a request with a problem. */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final transient Problem problem;
  private final @Nullable Duration retryAfter;

  /** Ends the request with this problem. */
  public ProblemException(Problem problem) {
    this(problem, null);
  }

  private ProblemException(Problem problem, @Nullable Duration retryAfter) {
    super(problem.title() + ": " + problem.detail(), null, false, false);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** Ends the request with 429, and says when it may be tried again. */
  public static ProblemException tooMany(String detail, Duration retryAfter) {
    return new ProblemException(ProblemType.TOO_MANY_REQUESTS.detail(detail), retryAfter);
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

  /** When the call may be tried again, where that is known. */
  Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** What the caller is told. */
  public Problem problem() {
    return problem;
  }
}
