package io.agentmanager.http;

import static java.util.Objects.requireNonNull;

import io.agentmanager.contracts.id.TenantId;
import java.util.Set;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * Who calls, as the internal token says.
 *
 * @param tenant whose data the call may touch
 * @param name the person, machine or service
 * @param roles what the caller may do
 */
public record Caller(TenantId tenant, String name, Set<String> roles) {
  static Caller of(Jwt token) {
    return new Caller(
        new TenantId(requireNonNull(token.getClaimAsString(InternalTokens.TENANT))),
        requireNonNull(token.getSubject()),
        Set.copyOf(requireNonNull(token.getClaimAsStringList(InternalTokens.ROLES))));
  }
}
