package io.agentmanager.gateway.oidc;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The OpenID Connect provider whose access tokens are taken beside API tokens, and where they say
 * what.
 *
 * @param issuerUri exactly as tokens name it in {@code iss}; absent means that only API tokens are
 *     taken
 * @param jwkSetUri where the provider's keys are; absent means where its discovery document says
 * @param audience what {@code aud} must contain
 * @param tenantClaim the caller's tenant: a text, an array of one, or an object with one field (as
 *     Keycloak's organizations are)
 * @param rolesClaim the caller's roles, an array; unknown ones mean nothing
 * @param capabilitiesClaim the only capabilities that the caller may offer as a worker, an array;
 *     absent means any
 */
@ConfigurationProperties("agentmanager.gateway.oidc")
public record OidcSettings(
    @Nullable URI issuerUri,
    @Nullable URI jwkSetUri,
    @DefaultValue("agentmanager") String audience,
    @DefaultValue("tenant") String tenantClaim,
    @DefaultValue("roles") String rolesClaim,
    @DefaultValue("capabilities") String capabilitiesClaim) {
  /**
   * Checks them.
   *
   * @throws IllegalArgumentException when no token could ever fit
   */
  public OidcSettings {
    if (issuerUri != null && issuerUri.getHost() == null) {
      throw new IllegalArgumentException("OIDC_ISSUER_URI is no http or https URL: " + issuerUri);
    }
    if (audience.isBlank()) {
      throw new IllegalArgumentException("OIDC_AUDIENCE must not be blank");
    }
  }
}
