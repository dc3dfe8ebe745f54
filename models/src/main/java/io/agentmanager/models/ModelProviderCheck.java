package io.agentmanager.models;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.model.anthropic.AnthropicModelCatalog;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.ollama.OllamaModel;
import dev.langchain4j.model.ollama.OllamaModels;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a provider said when it was asked for its models: with the key that calls use, and without a
 * call that costs.
 *
 * @param detail for people
 * @param hasModel false where the provider lists models and the configured one is not among them
 */
public record ModelProviderCheck(String detail, boolean hasModel) {
  private static final int NOT_FOUND = 404;
  private static final Duration PATIENCE = Duration.ofMillis(2_500);

  /**
   * Asks the provider, if one is configured. Blocking, for seconds at most.
   *
   * @throws RuntimeException when it cannot be reached or refuses the key; the message says which
   */
  public static ModelProviderCheck look(ModelSettings settings) {
    return switch (settings.provider()) {
      case NONE -> new ModelProviderCheck("none is configured; rules take its place", true);
      case OPENAI -> listed(settings, names(openAi(settings)));
      case OLLAMA -> listed(settings, ollama(settings));
      case ANTHROPIC -> {
        // A page of them, newest first: what is not on it may be there all the same.
        anthropic(settings).listModels();
        yield new ModelProviderCheck(settings.provider() + " takes the key", true);
      }
    };
  }

  /** A model is listed by its name, or with a date or a tag behind it. */
  private static ModelProviderCheck listed(ModelSettings settings, List<String> names) {
    boolean found = names.isEmpty() || names.stream().anyMatch(n -> n.startsWith(settings.model()));
    return new ModelProviderCheck(
        "%s answers, and %s %s"
            .formatted(settings.provider(), found ? "has" : "does not list", settings.model()),
        found);
  }

  /** A server of one's own that speaks the protocol may have no list. */
  private static List<String> names(OpenAiModelCatalog catalog) {
    try {
      return catalog.listModels().stream().map(ModelDescription::name).toList();
    } catch (HttpException e) {
      if (e.statusCode() == NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  private static OpenAiModelCatalog openAi(ModelSettings settings) {
    return OpenAiModelCatalog.builder()
        .baseUrl(settings.baseUrl())
        .apiKey(Models.key(settings, "OPENAI_API_KEY"))
        .connectTimeout(PATIENCE)
        .readTimeout(PATIENCE)
        .build();
  }

  private static AnthropicModelCatalog anthropic(ModelSettings settings) {
    AnthropicModelCatalog.Builder builder =
        AnthropicModelCatalog.builder()
            .apiKey(Models.key(settings, "ANTHROPIC_API_KEY"))
            .timeout(PATIENCE);
    return settings.baseUrl() == null
        ? builder.build()
        : builder.baseUrl(settings.baseUrl()).build();
  }

  private static List<String> ollama(ModelSettings settings) {
    return OllamaModels.builder()
        .baseUrl(Objects.requireNonNullElse(settings.baseUrl(), Models.OLLAMA_URL))
        .timeout(PATIENCE)
        .maxRetries(0)
        .build()
        .availableModels()
        .content()
        .stream()
        .map(OllamaModel::getName)
        .toList();
  }
}
