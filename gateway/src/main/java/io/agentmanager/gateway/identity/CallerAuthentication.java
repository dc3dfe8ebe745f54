package io.agentmanager.gateway.identity;

import io.agentmanager.http.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** A caller that was identified. */
final class CallerAuthentication extends AbstractAuthenticationToken {
  private static final long serialVersionUID = 1;
  private final transient Caller caller;
  private final @Nullable String session;

  /**
   * Says who calls.
   *
   * @param session the identity provider's name of the session; null when there is none
   */
  CallerAuthentication(Caller caller, @Nullable String session) {
    super(caller.roles().stream().map(role -> new SimpleGrantedAuthority("ROLE_" + role)).toList());
    this.caller = caller;
    this.session = session;
    setAuthenticated(true);
  }

  @Override
  public Caller getPrincipal() {
    return caller;
  }

  @Nullable String session() {
    return session;
  }

  /** The token itself goes no further. */
  @Override
  public String getCredentials() {
    return "";
  }

  @Override
  public String getName() {
    return caller.name();
  }
}
