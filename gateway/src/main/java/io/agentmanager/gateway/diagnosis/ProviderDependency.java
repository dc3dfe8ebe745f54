package io.agentmanager.gateway.diagnosis;

import io.agentmanager.diagnostics.Dependency;
import io.agentmanager.diagnostics.DiagnosticsConfiguration;
import io.agentmanager.gateway.oidc.OidcSettings;
import io.agentmanager.gateway.oidc.ProviderCheck;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The identity provider, where there is one. */
@Configuration(proxyBeanMethods = false)
@Import(DiagnosticsConfiguration.class)
class ProviderDependency {
  @Bean
  Dependency identityProvider(OidcSettings settings) {
    return new Dependency(
        "identity provider",
        "See OIDC_ISSUER_URI and OIDC_JWK_SET_URI, and that the provider runs. API tokens work"
            + " meanwhile.",
        () -> ProviderCheck.look(settings));
  }
}
