package io.agentmanager.http;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatusCode;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;

/** From whatever was thrown to the problem that the caller gets; nothing internal in a 5xx. */
public final class FailureProblems {
  private static final Logger log = LoggerFactory.getLogger(FailureProblems.class);

  private FailureProblems() {}

  /**
   * Maps a failure.
   *
   * @param requestId named in the answer and in the log, so that one leads to the other
   */
  public static Problem of(Throwable failure, String requestId) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return switch (cause) {
      case ProblemException e -> e.problem();
      case AuthenticationServiceException e -> unavailable(e, requestId);
      case AuthenticationException e ->
          ProblemType.UNAUTHORIZED.detail("Send Authorization: Bearer <token>.");
      case AccessDeniedException e ->
          ProblemType.FORBIDDEN.detail("The token's roles do not allow this.");
      case ErrorResponse e -> framework(e, cause, requestId);
      case DataAccessException e -> unavailable(e, requestId);
      case TransactionException e -> unavailable(e, requestId);
      case SQLException e -> unavailable(e, requestId);
      case ChannelException e -> late();
      case IOException e -> unavailable(e, requestId);
      case java.io.UncheckedIOException e -> unavailable(e, requestId);
      case TimeoutException e -> unavailable(e, requestId);
      case CancellationException e -> unavailable(e, requestId);
      default -> internal(cause, requestId);
    };
  }

  /** The caller's doing, and no news for the log. */
  private static Problem late() {
    return ProblemType.REQUEST_TIMEOUT.detail("The request did not come in in time.");
  }

  private static Problem framework(ErrorResponse response, Throwable cause, String requestId) {
    if (isTooLarge(cause)) {
      return ProblemType.TOO_LARGE.detail("The body is larger than this call takes.");
    }
    HttpStatusCode status = response.getStatusCode();
    return switch (status.value()) {
      case 400 -> ProblemType.MALFORMED_REQUEST.detail(detail(response));
      case 404 -> ProblemType.NOT_FOUND.detail("There is nothing at this path.");
      case 405 -> ProblemType.METHOD_NOT_ALLOWED.detail(detail(response));
      case 406 -> ProblemType.NOT_ACCEPTABLE.detail(detail(response));
      case 413 -> ProblemType.TOO_LARGE.detail("The body is larger than this call takes.");
      case 415 -> ProblemType.UNSUPPORTED_MEDIA_TYPE.detail(detail(response));
      case 503, 504 -> unavailable(cause, requestId);
      default ->
          status.is5xxServerError()
              ? internal(cause, requestId)
              : ProblemType.MALFORMED_REQUEST.detail(detail(response));
    };
  }

  private static String detail(ErrorResponse response) {
    String detail = response.getBody().getDetail();
    return detail == null ? "The request cannot be served as it is." : detail;
  }

  private static boolean isTooLarge(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof DataBufferLimitException) {
        return true;
      }
    }
    return false;
  }

  private static Problem unavailable(Throwable cause, String requestId) {
    log.warn(
        "request {} could not be served now: {}: {}",
        requestId,
        cause.getClass().getSimpleName(),
        NestedExceptionUtils.getMostSpecificCause(cause).toString());
    return ProblemType.UNAVAILABLE.detail(
        "Something that this call needs does not answer. Try again. Request " + requestId + ".");
  }

  private static Problem internal(Throwable cause, String requestId) {
    if (isTooLarge(cause)) {
      return ProblemType.TOO_LARGE.detail("The body is larger than this call takes.");
    }
    log.error("request {} failed", requestId, cause);
    return ProblemType.INTERNAL.detail("The server failed. Request " + requestId + ".");
  }
}
