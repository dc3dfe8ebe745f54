package io.agentmanager.gateway.trail;

import io.agentmanager.gateway.identity.Printable;
import io.agentmanager.http.AccessRules;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.MultiValueMap;

/**
 * Which calls leave an entry in the trail, and what it calls them. What people and pipelines change
 * always does. What workers do with the steps that they hold stands in the journal of each
 * workflow; of that, and of reads, only refusals do.
 */
final class TrailedCalls {
  private static final Map<String, String> ACTIONS =
      Map.ofEntries(
          Map.entry("POST /v1/tasks", "workflow.submit"),
          Map.entry("POST /v1/workflows/{id}/cancel", "workflow.cancel"),
          Map.entry("POST /v1/workflows/{id}/steps/{step}/approval", "step.approval"),
          Map.entry("PUT /v1/workers/{worker}", "worker.register"),
          Map.entry("DELETE /v1/workers/{worker}", "worker.leave"),
          Map.entry("POST /v1/tokens", "token.create"),
          Map.entry("POST /v1/tokens/{token}/rotate", "token.rotate"),
          Map.entry("DELETE /v1/tokens/{token}", "token.revoke"),
          Map.entry("DELETE /v1/sessions", "sessions.end"),
          Map.entry("DELETE /v1/sessions/{session}", "session.end"),
          Map.entry("POST /v1/encryption/rotate", "encryption.rotate"),
          Map.entry("POST /v1/trail/verify", "trail.verify"));

  private static final String SESSIONS = "/v1/sessions";
  private static final Set<Integer> REFUSALS = Set.of(401, 403, 404, 429);
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");
  private static final Pattern FIRST_NAME = Pattern.compile("\\{(\\w+)}");
  private static final int FIRST_REFUSAL = 400;
  private static final int FIRST_FAILURE = 500;

  private TrailedCalls() {}

  /**
   * What a call is to the trail.
   *
   * @param action its name
   * @param object what its path names; empty when that names nothing
   * @param always whether it is noted when it succeeds, too
   */
  record Trailed(String action, Optional<String> object, boolean always) {
    /** Whether an answer of that status is noted. */
    boolean isNoted(int status) {
      return always || REFUSALS.contains(status);
    }

    /** Whether an answer of that status changed nothing, so that those like it may be gathered. */
    static boolean isRefusal(int status) {
      return status >= FIRST_REFUSAL && status < FIRST_FAILURE;
    }
  }

  static Trailed of(ServerHttpRequest request) {
    return AccessRules.match(request.getMethod(), request.getPath().pathWithinApplication())
        .map(match -> of(match, request.getQueryParams()))
        .orElseGet(
            () ->
                new Trailed(
                    method(request) + " of what is not served",
                    Optional.of(Printable.of(request.getPath().pathWithinApplication().value())),
                    false));
  }

  private static Trailed of(AccessRules.Match match, MultiValueMap<String, String> query) {
    String call = match.rule().method() + " " + match.rule().path();
    String action = ACTIONS.get(call);
    Matcher name = FIRST_NAME.matcher(match.rule().path());
    Optional<String> object =
        name.find()
            ? Optional.ofNullable(match.variables().get(name.group(1)))
            : Optional.of(match.rule().path())
                .filter(SESSIONS::equals)
                .map(path -> query.getFirst("person"));
    return new Trailed(
        Objects.requireNonNullElse(action, call), object.map(Printable::of), action != null);
  }

  /** Anybody can make up methods. */
  private static String method(ServerHttpRequest request) {
    String name = request.getMethod().name();
    return METHODS.contains(name) ? name : "OTHER";
  }
}
