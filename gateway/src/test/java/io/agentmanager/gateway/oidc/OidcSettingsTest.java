package io.agentmanager.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class OidcSettingsTest {
  @Test
  void withoutSettingsThereIsNoProvider() {
    OidcSettings settings = bind(Map.of());
    assertThat(settings.issuerUri()).isNull();
    assertThat(settings.jwkSetUri()).isNull();
    assertThat(settings.audience()).isEqualTo("agentmanager");
    assertThat(settings.tenantClaim()).isEqualTo("tenant");
    assertThat(settings.rolesClaim()).isEqualTo("roles");
    assertThat(settings.capabilitiesClaim()).isEqualTo("capabilities");
  }

  @Test
  void anEmptyIssuerIsNone() {
    assertThat(bind(Map.of("oidc.issuer-uri", "", "oidc.jwk-set-uri", "")).issuerUri()).isNull();
  }

  @Test
  void whatNoTokenCouldEverFitIsRefused() {
    assertThatThrownBy(() -> bind(Map.of("oidc.issuer-uri", "keycloak")))
        .hasStackTraceContaining("OIDC_ISSUER_URI is no http or https URL: keycloak");
    assertThatThrownBy(() -> bind(Map.of("oidc.audience", " ")))
        .hasStackTraceContaining("OIDC_AUDIENCE must not be blank");
  }

  private static OidcSettings bind(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("oidc", Bindable.of(OidcSettings.class));
  }
}
