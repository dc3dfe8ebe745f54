package io.agentmanager.http;

import static java.util.Objects.requireNonNull;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.id.TenantId;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * Who calls, as the gateway found out and the internal token says.
 *
 * @param tenant whose data the call may touch
 * @param name the person, machine or service: {@code token:NAME}, {@code oidc:SUBJECT}, or a
 *     service's own
 * @param roles what the caller may do, by their names on the wire
 * @param capabilities the only ones that the caller may offer as a worker; empty means any
 */
public record Caller(TenantId tenant, String name, Set<String> roles, Set<String> capabilities) {
  private static final Set<String> READERS =
      Set.of(Role.SUBMITTER.wireName(), Role.AUDITOR.wireName(), Role.ADMIN.wireName());

  /** Keeps the sets as they are now. */
  public Caller {
    roles = Set.copyOf(roles);
    capabilities = Set.copyOf(capabilities);
  }

  /** Whether the caller may do everything within its tenant. */
  public boolean isAdministrator() {
    return roles.contains(Role.ADMIN.wireName());
  }

  /** Whether the caller is nothing but a worker, that sees no more than what it holds. */
  public boolean isOnlyWorker() {
    return roles.contains(Role.WORKER.wireName()) && Collections.disjoint(roles, READERS);
  }

  static Caller of(Jwt token) {
    return new Caller(
        new TenantId(requireNonNull(token.getClaimAsString(InternalTokens.TENANT))),
        requireNonNull(token.getSubject()),
        Set.copyOf(requireNonNull(token.getClaimAsStringList(InternalTokens.ROLES))),
        Set.copyOf(
            Optional.ofNullable(token.getClaimAsStringList(InternalTokens.CAPABILITIES))
                .orElse(List.of())));
  }

  /**
   * Makes sure that the caller may offer these capabilities.
   *
   * @throws ProblemException 403 that names those that its token is not bound to
   */
  public void requireCapabilities(Collection<String> offered) {
    List<String> foreign =
        capabilities.isEmpty()
            ? List.of()
            : offered.stream().filter(c -> !capabilities.contains(c)).sorted().toList();
    if (!foreign.isEmpty()) {
      throw ProblemException.of(
          ProblemType.FORBIDDEN, "The token may not offer the capabilities " + foreign + ".");
    }
  }
}
