package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An RFC 9457 problem.
 *
 * @param type a stable URI that names the kind of problem
 * @param errors what is wrong where, for invalid input
 */
public record Problem(
    String type,
    String title,
    int status,
    @Nullable String detail,
    @Nullable String instance,
    @Nullable List<Fault> errors) {

  /** One fault: a JSON pointer into the body (empty for the whole), and what is wrong there. */
  public record Fault(String pointer, String message) {}
}
