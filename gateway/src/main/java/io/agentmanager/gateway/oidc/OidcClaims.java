package io.agentmanager.gateway.oidc;

import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.http.Caller;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.Jwt;

/** From the claims of an access token to the caller. */
final class OidcClaims {
  private static final Set<String> ROLES =
      Arrays.stream(Role.values())
          .filter(role -> role != Role.OPERATOR)
          .map(Role::wireName)
          .collect(Collectors.toUnmodifiableSet());

  /**
   * RFC 7519 and OpenID Connect Core: at most 255 characters; none that steer, since logs show it.
   */
  private static final Pattern SUBJECT = Pattern.compile("(?!\\s*$)[^\\p{Cntrl}]{1,255}");

  private OidcClaims() {}

  /**
   * The caller; empty when the token names no subject, no tenant or more than one, or capabilities
   * that bind to nothing: a claim that cannot be read must not mean that any may be offered.
   */
  static Optional<Caller> caller(Jwt token, OidcSettings settings) {
    String subject = token.getSubject();
    Object bound = token.getClaim(settings.capabilitiesClaim());
    List<String> capabilities = texts(bound);
    if (subject == null
        || !SUBJECT.matcher(subject).matches()
        || (bound != null && capabilities.isEmpty())) {
      return Optional.empty();
    }
    Set<String> roles =
        texts(token.getClaim(settings.rolesClaim())).stream()
            .filter(ROLES::contains)
            .collect(Collectors.toUnmodifiableSet());
    return tenant(token.getClaim(settings.tenantClaim()))
        .map(tenant -> new Caller(tenant, "oidc:" + subject, roles, Set.copyOf(capabilities)));
  }

  private static Optional<TenantId> tenant(@Nullable Object claim) {
    Object one =
        switch (claim) {
          case Map<?, ?> organizations when organizations.size() == 1 ->
              organizations.keySet().iterator().next();
          case Collection<?> several when several.size() == 1 -> several.iterator().next();
          case null, default -> claim;
        };
    try {
      return one instanceof String text
          ? Optional.of(new TenantId(text)).filter(t -> !t.equals(TrailEvent.NOBODYS))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static List<String> texts(@Nullable Object claim) {
    return claim instanceof Collection<?> several
        ? several.stream().filter(String.class::isInstance).map(String.class::cast).toList()
        : List.of();
  }
}
