package io.agentmanager.gateway.diagnosis;

import io.agentmanager.diagnostics.Dependency;
import io.agentmanager.diagnostics.DiagnosticsConfiguration;
import io.agentmanager.gateway.oidc.OidcSettings;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The identity provider, where there is one. */
@Configuration(proxyBeanMethods = false)
@Import(DiagnosticsConfiguration.class)
class ProviderDependency {
  private static final int PATIENCE_MS = 2_000;
  private static final int OK = 200;

  @Bean
  Dependency identityProvider(OidcSettings settings) {
    return new Dependency(
        "identity provider",
        "See OIDC_ISSUER_URI and OIDC_JWK_SET_URI, and that the provider runs. API tokens work"
            + " meanwhile.",
        () -> look(settings));
  }

  private static String look(OidcSettings settings) throws IOException {
    if (settings.issuerUri() == null) {
      return "none is configured; API tokens alone are taken";
    }
    URI at =
        settings.jwkSetUri() == null
            ? URI.create(settings.issuerUri() + "/.well-known/openid-configuration")
            : settings.jwkSetUri();
    HttpURLConnection call = (HttpURLConnection) at.toURL().openConnection();
    call.setConnectTimeout(PATIENCE_MS);
    call.setReadTimeout(PATIENCE_MS);
    if (call.getResponseCode() != OK) {
      throw new IOException(at + " answered " + call.getResponseCode());
    }
    return at.getHost() + " answers";
  }
}
