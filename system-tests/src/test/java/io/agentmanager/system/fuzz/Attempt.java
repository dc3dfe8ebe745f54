package io.agentmanager.system.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request to be sent.
 *
 * @param target path and query, percent-encoded
 * @param expectation what its answer must be in any case
 * @param why what was done to it
 */
record Attempt(
    ApiDocument.Operation operation,
    String target,
    Map<String, String> headers,
    byte @Nullable [] body,
    Expectation expectation,
    String why) {
  /** What an answer must be, besides being documented. */
  enum Expectation {
    /** Nothing more: the request may be good. */
    DOCUMENTED,
    /** The request is nonsense: not 2xx. */
    REFUSED,
    /** The token is none: 401. */
    UNAUTHORIZED
  }

  @Override
  public String toString() {
    String shown = body == null ? "" : new String(body, StandardCharsets.UTF_8);
    return "%s %s %s [%s] %s"
        .formatted(operation.method(), shortened(target), headers.keySet(), why, shortened(shown));
  }

  private static String shortened(String text) {
    return text.length() <= 600 ? text : text.substring(0, 600) + "... of " + text.length();
  }
}
