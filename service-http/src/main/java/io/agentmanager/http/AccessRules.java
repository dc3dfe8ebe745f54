package io.agentmanager.http;

import static io.agentmanager.contracts.api.Role.ADMIN;
import static io.agentmanager.contracts.api.Role.AUDITOR;
import static io.agentmanager.contracts.api.Role.OPERATOR;
import static io.agentmanager.contracts.api.Role.SUBMITTER;
import static io.agentmanager.contracts.api.Role.WORKER;

import io.agentmanager.contracts.api.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.authorization.ReactiveAuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.web.server.authorization.AuthorizationContext;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Who may make which call: the table of {@code docs/security.md}, asked at the gateway and again in
 * every service. Whose objects a call may touch is another question, which the tenant of the {@link
 * Caller} answers where they are looked up.
 *
 * <p>What stands in no line is nothing that is served; whoever has a token may learn that.
 */
public final class AccessRules implements ReactiveAuthorizationManager<AuthorizationContext> {
  private static final List<Rule> TABLE =
      List.of(
          rule("POST", "/v1/tasks/claims", WORKER),
          rule("POST", "/v1/results", WORKER),
          rule("POST", "/v1/results/batch", WORKER),
          rule("POST", "/v1/workflows/{id}/steps/{step}/iterations", WORKER),
          rule("POST", "/v1/workflows/{id}/steps/{step}/claim", WORKER),
          rule("POST", "/v1/workers/{worker}/heartbeat", WORKER),
          rule("POST", "/v1/locks", WORKER),
          rule("POST", "/v1/tasks", SUBMITTER),
          rule("POST", "/v1/workflows/{id}/cancel", SUBMITTER),
          rule("POST", "/v1/workflows/{id}/steps/{step}/approval", SUBMITTER),
          rule("POST", "/v1/tokens"),
          rule("POST", "/v1/trail/verify", AUDITOR),
          rule("POST", "/v1/tokens/{token}/rotate"),
          rule("GET", "/v1/tasks/ready", WORKER),
          rule("GET", "/v1/workflows/{id}", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workflows", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workflows/{id}/result", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workflows/{id}/history", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workflows/{id}/events", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workflows/{id}/audits", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workflows/{id}/steps/{step}/results", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workflows/{id}/steps/{step}/result", SUBMITTER, AUDITOR, WORKER),
          rule("GET", "/v1/overview", SUBMITTER, AUDITOR),
          rule("GET", "/v1/workers", SUBMITTER, AUDITOR, WORKER).andServices(),
          rule("GET", "/v1/tokens"),
          rule("GET", "/v1/trail", AUDITOR),
          rule("GET", "/v1/trail/checkpoint", AUDITOR),
          rule("PUT", "/v1/workers/{worker}", WORKER),
          rule("DELETE", "/v1/workers/{worker}", WORKER),
          rule("DELETE", "/v1/locks/{lock}", WORKER),
          rule("DELETE", "/v1/tokens/{token}"),
          rule("GET", "/v1/sessions", SUBMITTER, AUDITOR, WORKER),
          rule("DELETE", "/v1/sessions", SUBMITTER, AUDITOR, WORKER),
          rule("DELETE", "/v1/sessions/{session}", SUBMITTER, AUDITOR, WORKER),
          new Rule("GET", "/v1/diagnostics", Set.of(OPERATOR), false),
          new Rule("POST", "/v1/encryption/rotate", Set.of(OPERATOR), false));

  private static final Map<HttpMethod, List<Compiled>> BY_METHOD =
      TABLE.stream()
          .map(Compiled::of)
          .collect(Collectors.groupingBy(c -> HttpMethod.valueOf(c.rule().method())));

  /**
   * One line of the table.
   *
   * @param path as the OpenAPI document writes it
   * @param roles that may make the call
   * @param services whether the system's services may as well
   */
  public record Rule(String method, String path, Set<Role> roles, boolean services) {
    private Rule andServices() {
      return new Rule(method, path, roles, true);
    }
  }

  private record Compiled(Rule rule, PathPattern pattern, Set<String> authorities) {
    Map<String, String> variables(PathContainer path) {
      PathPattern.PathMatchInfo found = pattern.matchAndExtract(path);
      return found == null ? Map.of() : found.getUriVariables();
    }

    static Compiled of(Rule rule) {
      List<String> authorities =
          new ArrayList<>(rule.roles().stream().map(r -> "ROLE_" + r.wireName()).toList());
      if (rule.services()) {
        authorities.add("ROLE_" + InternalTokens.SERVICE_ROLE);
      }
      return new Compiled(
          rule, PathPatternParser.defaultInstance.parse(rule.path()), Set.copyOf(authorities));
    }
  }

  /** The table, a line for each call that is served. */
  public static List<Rule> table() {
    return TABLE;
  }

  /**
   * A call and its line.
   *
   * @param variables what the path says for the names in the pattern, decoded
   */
  public record Match(Rule rule, Map<String, String> variables) {}

  /** The line of a call; empty when nothing of that kind is served. */
  public static Optional<Match> match(HttpMethod method, PathContainer path) {
    return lines(method)
        .filter(line -> line.pattern().matches(path))
        .map(line -> new Match(line.rule(), line.variables(path)))
        .findFirst();
  }

  @Override
  public Mono<AuthorizationResult> authorize(
      Mono<Authentication> authentication, AuthorizationContext context) {
    ServerHttpRequest request = context.getExchange().getRequest();
    return authentication
        .filter(Authentication::isAuthenticated)
        .<AuthorizationResult>map(caller -> new AuthorizationDecision(may(caller, request)))
        .defaultIfEmpty(new AuthorizationDecision(false));
  }

  private static boolean may(Authentication caller, ServerHttpRequest request) {
    return lines(request.getMethod())
        .filter(line -> line.pattern().matches(request.getPath().pathWithinApplication()))
        .findFirst()
        .map(line -> holdsOneOf(caller, line.authorities()))
        .orElse(Boolean.TRUE);
  }

  /** HEAD is answered by what answers GET. */
  private static Stream<Compiled> lines(HttpMethod method) {
    return BY_METHOD
        .getOrDefault(method == HttpMethod.HEAD ? HttpMethod.GET : method, List.of())
        .stream();
  }

  private static boolean holdsOneOf(Authentication caller, Set<String> authorities) {
    return caller.getAuthorities().stream()
        .map(GrantedAuthority::getAuthority)
        .anyMatch(authorities::contains);
  }

  private static Rule rule(String method, String path, Role... roles) {
    Set<Role> all = EnumSet.of(ADMIN, roles);
    return new Rule(method, path, Set.copyOf(all), false);
  }
}
