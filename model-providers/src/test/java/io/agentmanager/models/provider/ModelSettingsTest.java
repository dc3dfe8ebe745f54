package io.agentmanager.models.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSettingsTest {
  @Test
  void withoutAProviderOrAKeyThereIsNoModel() {
    ModelSettings settings = ModelSettings.from(Map.<String, String>of()::get);
    assertThat(settings.provider()).isEqualTo(ModelProvider.NONE);
    assertThat(Models.create(settings)).isEmpty();
  }

  @Test
  void aKeyNamesItsProvider() {
    ModelSettings settings = ModelSettings.from(Map.of("ANTHROPIC_API_KEY", "k")::get);
    assertThat(settings.provider()).isEqualTo(ModelProvider.ANTHROPIC);
    assertThat(Models.create(settings)).isPresent();
    assertThat(settings.toString()).doesNotContain("apiKey");
  }

  @Test
  void aServerOfOnesOwnNeedsNoKeyAndTheProvidersOwnDoes() {
    assertThat(
            Models.create(
                ModelSettings.from(
                    Map.of("LLM_PROVIDER", "openai", "LLM_BASE_URL", "http://localhost:1/v1")
                        ::get)))
        .isPresent();
    assertThat(Models.create(ModelSettings.from(Map.of("LLM_PROVIDER", "ollama")::get)))
        .isPresent();
    assertThatThrownBy(
            () -> Models.create(ModelSettings.from(Map.of("LLM_PROVIDER", "openai")::get)))
        .hasMessageContaining("OPENAI_API_KEY");
    assertThatThrownBy(() -> ModelSettings.from(Map.of("LLM_PROVIDER", "oracle")::get))
        .hasMessageContaining("oracle");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://metadata.google.internal/",
        "http://user:password@models.example/v1",
        "http://models.example/v1?key=x",
        "file:///etc/passwd",
        "models.example",
        "http://0.0.0.0/"
      })
  void aBaseUrlThatNoModelHasIsRefused(String url) {
    assertThatThrownBy(
            () -> ModelSettings.from(Map.of("LLM_PROVIDER", "ollama", "LLM_BASE_URL", url)::get))
        .hasMessageContaining("LLM_BASE_URL");
  }
}
