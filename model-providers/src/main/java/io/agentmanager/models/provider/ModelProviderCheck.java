package io.agentmanager.models.provider;

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
 * call that costs. No word of the provider's own is passed on, since keys stand in some.
 *
 * @param detail for people
 * @param isSure false where calls may fail all the same: the model is not listed, or there is no
 *     list
 */
public record ModelProviderCheck(String detail, boolean isSure) {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final Duration PATIENCE = Duration.ofMillis(2_500);

  /**
   * Asks the provider, if one is configured. Blocking, for seconds at most.
   *
   * @throws IllegalStateException when it cannot be reached or refuses the key; the message says
   *     which
   */
  public static ModelProviderCheck look(ModelSettings settings) {
    if (settings.provider() == ModelProvider.NONE) {
      return new ModelProviderCheck("none is configured; rules take its place", true);
    }
    String who =
        settings.baseUrl() == null
            ? settings.provider().toString()
            : settings.provider() + " at " + settings.baseUrl();
    try {
      return listed(settings, who);
    } catch (HttpException e) {
      return switch (e.statusCode()) {
        case UNAUTHORIZED, FORBIDDEN ->
            throw new IllegalStateException(who + " refuses the key (" + e.statusCode() + ")");
        case NOT_FOUND ->
            new ModelProviderCheck(
                who + " has no list of models (404); most base URLs end in /v1", false);
        default ->
            throw new IllegalStateException(
                who + " answers " + e.statusCode() + " when asked for its models");
      };
    } catch (RuntimeException e) {
      throw new IllegalStateException(who + " cannot be reached: " + kind(e));
    }
  }

  private static ModelProviderCheck listed(ModelSettings settings, String who) {
    List<String> names =
        switch (settings.provider()) {
          case NONE -> List.of();
          case OPENAI -> names(openAi(settings).listModels());
          case ANTHROPIC -> names(anthropic(settings).listModels());
          case OLLAMA -> ollama(settings);
        };
    boolean found = names.stream().anyMatch(name -> isSame(name, settings.model()));
    // Anthropic tells a page of the newest; an older model is there all the same.
    boolean isPage = settings.provider() == ModelProvider.ANTHROPIC;
    return new ModelProviderCheck(
        "%s answers, and %s %s".formatted(who, found ? "has" : "does not list", settings.model()),
        found || isPage);
  }

  /** Behind a model's name there may stand the date of its version, or Ollama's standard tag. */
  private static boolean isSame(String listed, String wanted) {
    return listed.equals(wanted)
        || listed.equals(wanted + ":latest")
        || listed.startsWith(wanted + "-") && listed.substring(wanted.length()).matches("[-\\d]+");
  }

  /** Types alone: a message may quote what was sent. */
  private static String kind(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName();
  }

  private static List<String> names(List<ModelDescription> models) {
    return models.stream().map(ModelDescription::name).toList();
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
