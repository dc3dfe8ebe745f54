package io.agentmanager.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.Usage;
import io.agentmanager.models.extract.SentenceExtractor;
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

  @Test
  void costIsCountedByThePriceTable() {
    Map<String, Price> own = Price.parseTable("mine=1.00/2.00");
    assertThat(own.get("mine").of(1_000_000, 500_000))
        .isEqualTo(new Usage(1_000_000, 500_000, 2.0));
    assertThat(Price.shipped()).containsKey("gpt-4o-mini");
    assertThatThrownBy(() -> Price.parseTable("mine")).hasMessageContaining("model=input/output");
  }

  @Test
  void extractedSentencesStandInTheTextWordForWord() {
    String text =
        "# Trees\n\n"
            + "Many people like trees. We decided to plant 40 oaks because they live long.\n"
            + "```\n"
            + "code must not be quoted here\n"
            + "```\n"
            + "- The decision must hold for at least 10 years.\n"
            + "It rained on that day in the town.";
    var sentences = SentenceExtractor.extract(text, "Which decisions about oaks?", 2);
    assertThat(sentences)
        .containsExactly(
            "We decided to plant 40 oaks because they live long.",
            "The decision must hold for at least 10 years.");
    assertThat(sentences).allSatisfy(s -> assertThat(text).contains(s));
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
