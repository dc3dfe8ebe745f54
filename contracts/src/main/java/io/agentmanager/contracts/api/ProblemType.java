package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every kind of problem that the system answers with, its stable type URI and HTTP status. */
public enum ProblemType {
  MALFORMED_REQUEST("malformed-request", "The request cannot be read", 400),
  UNAUTHORIZED("unauthorized", "No or no valid token", 401),
  FORBIDDEN("forbidden", "Not allowed", 403),
  NOT_FOUND("not-found", "Unknown", 404),
  METHOD_NOT_ALLOWED("method-not-allowed", "That method is not served here", 405),
  NOT_ACCEPTABLE("not-acceptable", "No such representation", 406),
  REQUEST_TIMEOUT("request-timeout", "The request came in too slowly", 408),
  CONFLICT("conflict", "Not possible in the present state", 409),
  NOT_FINISHED("not-finished", "The workflow is not finished", 409),
  STALE_ATTEMPT("stale-attempt", "The attempt is not the current one", 409),
  RESULT_CONFLICT("result-conflict", "Another result was accepted", 409),
  NOT_CLAIMABLE("not-claimable", "The step cannot be claimed", 409),
  TOO_LARGE("too-large", "Too large", 413),
  UNSUPPORTED_MEDIA_TYPE("unsupported-media-type", "Unsupported media type", 415),
  FILE_LOCKED("file-locked", "Another step holds the file", 409),
  LOCK_CIRCLE("lock-circle", "Waiting for the file would close a circle", 409),
  INVALID_REQUEST("invalid-request", "The request is invalid", 422),
  INVALID_PLAN("invalid-plan", "The plan is invalid", 422),
  IDEMPOTENCY_KEY_REUSED(
      "idempotency-key-reused", "The idempotency key came with another body before", 422),
  TOO_MANY_REQUESTS("too-many-requests", "Too many requests", 429),
  INTERNAL("internal-error", "Internal error", 500),
  UNAVAILABLE("unavailable", "Not available now", 503);

  private final String uri;
  private final String title;
  private final int status;

  ProblemType(String name, String title, int status) {
    this.uri = "urn:agentmanager:problem:" + name;
    this.title = title;
    this.status = status;
  }

  /** The problem's {@code type}. */
  public String uri() {
    return uri;
  }

  /** The problem's {@code title}. */
  public String title() {
    return title;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** A problem of this kind, with what happened in this case. */
  public Problem detail(@Nullable String detail) {
    return new Problem(uri, title, status, detail, null, null);
  }

  /** A problem of this kind that points at each fault. */
  public Problem faults(String detail, List<Problem.Fault> faults) {
    return new Problem(uri, title, status, detail, null, faults);
  }
}
