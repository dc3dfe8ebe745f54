package io.agentmanager.gateway.oidc;

import java.net.URI;
import java.util.Objects;
import org.springframework.security.oauth2.jwt.JwtException;

/** Looks whether tokens of the identity provider could be checked, by the way that checks them. */
public final class ProviderCheck {
  private ProviderCheck() {}

  /**
   * Fetches the provider's keys.
   *
   * @return what was seen
   * @throws JwtException when they cannot be had, or the provider says that it is another issuer
   */
  public static String look(OidcSettings settings) {
    URI issuer = settings.issuerUri();
    if (issuer == null) {
      return "none is configured; API tokens alone are taken";
    }
    int keys = new ProviderKeys(settings).look().size();
    URI at = Objects.requireNonNullElse(settings.jwkSetUri(), issuer);
    return keys + " keys at " + at.getHost();
  }
}
