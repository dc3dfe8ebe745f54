package io.agentmanager.gateway.trail;

import io.agentmanager.http.AccessRules;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.server.reactive.ServerHttpRequest;

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
          Map.entry("PUT /v1/workers/{worker}", "worker.register"),
          Map.entry("DELETE /v1/workers/{worker}", "worker.leave"),
          Map.entry("POST /v1/tokens", "token.create"),
          Map.entry("POST /v1/tokens/{token}/rotate", "token.rotate"),
          Map.entry("DELETE /v1/tokens/{token}", "token.revoke"),
          Map.entry("DELETE /v1/sessions", "sessions.end"),
          Map.entry("DELETE /v1/sessions/{session}", "session.end"),
          Map.entry("POST /v1/encryption/rotate", "encryption.rotate"),
          Map.entry("POST /v1/trail/verify", "trail.verify"));

  private static final Set<Integer> REFUSALS = Set.of(401, 403, 404, 429);
  private static final int LONGEST_OBJECT = 200;
  private static final int FIRST_FAILURE = 400;

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
      return REFUSALS.contains(status) || (always && status < FIRST_FAILURE);
    }

    /** Whether an answer of that status is a refusal. */
    static boolean isRefusal(int status) {
      return REFUSALS.contains(status);
    }
  }

  static Trailed of(ServerHttpRequest request) {
    Optional<AccessRules.Rule> rule =
        AccessRules.rule(request.getMethod(), request.getPath().pathWithinApplication());
    String call =
        rule.map(r -> r.method() + " " + r.path())
            .orElseGet(() -> request.getMethod().name() + " of what is not served");
    String action = ACTIONS.get(call);
    return new Trailed(
        Objects.requireNonNullElse(action, call),
        rule.isEmpty() || rule.get().path().contains("{")
            ? object(request, rule)
            : Optional.empty(),
        action != null);
  }

  /** The part of the raw path, which is percent-encoded, where the pattern has its first name. */
  private static Optional<String> object(
      ServerHttpRequest request, Optional<AccessRules.Rule> rule) {
    String path = request.getPath().pathWithinApplication().value();
    if (rule.isEmpty()) {
      return Optional.of(shortened(path));
    }
    String[] pattern = rule.get().path().split("/");
    String[] parts = path.split("/");
    for (int i = 0; i < Math.min(pattern.length, parts.length); i++) {
      if (pattern[i].startsWith("{")) {
        return Optional.of(shortened(parts[i]));
      }
    }
    return Optional.empty();
  }

  static String shortened(String text) {
    return text.length() <= LONGEST_OBJECT ? text : text.substring(0, LONGEST_OBJECT);
  }
}
