package io.agentmanager.models.provider;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.models.ModelListener;
import io.agentmanager.models.OutputLimit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the model that the settings name. */
public final class Models {
  private static final int RETRIES = 3;
  static final String OLLAMA_URL = "http://localhost:11434";

  private Models() {}

  /**
   * The model, or empty when no provider is configured.
   *
   * @throws IllegalArgumentException when the provider needs a key and has none
   */
  public static Optional<MeteredModel> create(ModelSettings settings) {
    return create(settings, ModelListener.NONE);
  }

  /** The same, and somebody is told of each call. */
  public static Optional<MeteredModel> create(ModelSettings settings, ModelListener listener) {
    return chatModel(settings)
        .map(
            model ->
                new MeteredModel(
                    model, settings.model(), settings.prices(), listener, limit(settings)));
  }

  /** A bound on an answer is never above what the operator configured. */
  private static OutputLimit limit(ModelSettings settings) {
    return (request, most) -> {
      if (most >= settings.maxTokens()) {
        return request;
      }
      return settings.provider() == ModelProvider.OPENAI
          ? ChatRequest.builder()
              .messages(request.messages())
              .parameters(
                  OpenAiChatRequestParameters.builder()
                      .overrideWith(request.parameters())
                      .maxCompletionTokens(most)
                      .build())
              .build()
          : request.toBuilder().maxOutputTokens(most).build();
    };
  }

  /** The same; the model tells its text while it writes. */
  public static Optional<MeteredModel> createStreaming(
      ModelSettings settings, ModelListener listener) {
    return streamingModel(settings)
        .map(
            model ->
                new MeteredModel(
                    model, settings.model(), settings.prices(), listener, limit(settings)));
  }

  private static Optional<StreamingChatModel> streamingModel(ModelSettings settings) {
    return switch (settings.provider()) {
      case NONE -> Optional.empty();
      case OPENAI ->
          Optional.of(
              OpenAiStreamingChatModel.builder()
                  .baseUrl(settings.baseUrl())
                  .apiKey(key(settings, "OPENAI_API_KEY"))
                  .modelName(settings.model())
                  .maxCompletionTokens(settings.maxTokens())
                  .timeout(settings.timeout())
                  .build());
      case ANTHROPIC -> Optional.of(streamingAnthropic(settings));
      case OLLAMA ->
          Optional.of(
              OllamaStreamingChatModel.builder()
                  .baseUrl(Objects.requireNonNullElse(settings.baseUrl(), OLLAMA_URL))
                  .modelName(settings.model())
                  .numPredict(settings.maxTokens())
                  .timeout(settings.timeout())
                  .build());
    };
  }

  private static StreamingChatModel streamingAnthropic(ModelSettings settings) {
    AnthropicStreamingChatModel.AnthropicStreamingChatModelBuilder builder =
        AnthropicStreamingChatModel.builder()
            .apiKey(key(settings, "ANTHROPIC_API_KEY"))
            .modelName(settings.model())
            .maxTokens(settings.maxTokens())
            .timeout(settings.timeout());
    return settings.baseUrl() == null
        ? builder.build()
        : builder.baseUrl(settings.baseUrl()).build();
  }

  private static Optional<ChatModel> chatModel(ModelSettings settings) {
    return switch (settings.provider()) {
      case NONE -> Optional.empty();
      case OPENAI -> Optional.of(openAi(settings));
      case ANTHROPIC -> Optional.of(anthropic(settings));
      case OLLAMA -> Optional.of(ollama(settings));
    };
  }

  private static ChatModel openAi(ModelSettings settings) {
    return OpenAiChatModel.builder()
        .baseUrl(settings.baseUrl())
        .apiKey(key(settings, "OPENAI_API_KEY"))
        .modelName(settings.model())
        .maxCompletionTokens(settings.maxTokens())
        .timeout(settings.timeout())
        .maxRetries(RETRIES)
        .build();
  }

  private static ChatModel anthropic(ModelSettings settings) {
    AnthropicChatModel.AnthropicChatModelBuilder builder =
        AnthropicChatModel.builder()
            .apiKey(key(settings, "ANTHROPIC_API_KEY"))
            .modelName(settings.model())
            .maxTokens(settings.maxTokens())
            .timeout(settings.timeout())
            .maxRetries(RETRIES);
    return settings.baseUrl() == null
        ? builder.build()
        : builder.baseUrl(settings.baseUrl()).build();
  }

  private static ChatModel ollama(ModelSettings settings) {
    return OllamaChatModel.builder()
        .baseUrl(Objects.requireNonNullElse(settings.baseUrl(), OLLAMA_URL))
        .modelName(settings.model())
        .numPredict(settings.maxTokens())
        .timeout(settings.timeout())
        .maxRetries(RETRIES)
        .build();
  }

  /** A server of one's own that speaks a provider's protocol often needs no key. */
  static String key(ModelSettings settings, String name) {
    @Nullable String key = settings.apiKey();
    if (key == null && settings.baseUrl() == null) {
      throw new IllegalArgumentException(
          name + " is not set, and " + settings.provider() + " needs it");
    }
    return key == null ? "none" : key;
  }
}
