package io.agentmanager.models;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import org.jspecify.annotations.Nullable;

/** Bounds the answer to one request, below what the model is configured for and never above. */
@FunctionalInterface
public interface OutputLimit {
  /** The request as it is: its model takes no bound of this kind. */
  OutputLimit NONE = (request, most) -> request;

  /**
   * The request with a bound.
   *
   * @param most tokens
   */
  ChatRequest apply(ChatRequest request, int most);

  /**
   * By what is known of a model. OpenAI's models disagree about the parameter that bounds an
   * answer, so theirs is bounded by whoever configures them.
   */
  static OutputLimit of(ModelProvider provider, @Nullable ChatRequestParameters configured) {
    Integer own = configured == null ? null : configured.maxOutputTokens();
    return provider == ModelProvider.OPEN_AI
        ? NONE
        : (request, most) ->
            own != null && own <= most
                ? request
                : request.toBuilder().maxOutputTokens(most).build();
  }
}
