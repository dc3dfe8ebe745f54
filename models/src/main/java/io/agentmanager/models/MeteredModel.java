package io.agentmanager.models;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.contracts.api.Usage;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A chat model whose every call is counted. */
public final class MeteredModel {
  private static final Price FREE = new Price(0, 0);
  private final ChatModel model;
  private final String name;
  private final Price price;

  /**
   * Counts the calls of a model.
   *
   * @param prices by model name; a model without a price costs nothing
   */
  public MeteredModel(ChatModel model, String name, Map<String, Price> prices) {
    this.model = model;
    this.name = name;
    Map<String, Price> table = new HashMap<>(Price.shipped());
    table.putAll(prices);
    this.price = table.getOrDefault(name, FREE);
  }

  /** An answer, and what it cost. */
  public record Answer(ChatResponse response, Usage usage) {}

  /** Calls the model. Throws LangChain4j's exceptions. */
  public Answer call(ChatRequest request) {
    ChatResponse response = model.chat(request);
    return new Answer(response, usage(response.tokenUsage()));
  }

  /** The model's name. */
  public String name() {
    return name;
  }

  private Usage usage(@Nullable TokenUsage usage) {
    return usage == null
        ? Usage.NONE
        : price.of(count(usage.inputTokenCount()), count(usage.outputTokenCount()));
  }

  private static long count(@Nullable Integer tokens) {
    return tokens == null ? 0 : tokens;
  }
}
