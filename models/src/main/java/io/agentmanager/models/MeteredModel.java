package io.agentmanager.models;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.tracing.Spans;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A chat model whose every call is counted. */
public final class MeteredModel {
  private static final Logger log = LoggerFactory.getLogger(MeteredModel.class);
  private static final Price FREE = new Price(0, 0);
  private final BiFunction<ChatRequest, Consumer<String>, ChatResponse> model;
  private final Supplier<ModelProvider> provider;
  private final OutputLimit limit;
  private final String name;
  private final Price price;
  private final boolean priced;
  private final ModelListener listener;
  private volatile boolean warned;

  /**
   * Counts the calls of a model.
   *
   * @param prices by model name; a model without a price costs nothing
   */
  public MeteredModel(ChatModel model, String name, Map<String, Price> prices) {
    this(model, name, prices, ModelListener.NONE);
  }

  /** The same, and somebody is told of each call. */
  public MeteredModel(
      ChatModel model, String name, Map<String, Price> prices, ModelListener listener) {
    this(
        model,
        name,
        prices,
        listener,
        OutputLimit.of(model.provider(), model.defaultRequestParameters()));
  }

  /** The same with another way to bound an answer. */
  public MeteredModel(
      ChatModel model,
      String name,
      Map<String, Price> prices,
      ModelListener listener,
      OutputLimit limit) {
    this((request, text) -> model.chat(request), model::provider, name, prices, listener, limit);
  }

  /** Counts the calls of a model that tells its text while it writes. */
  public MeteredModel(
      StreamingChatModel model, String name, Map<String, Price> prices, ModelListener listener) {
    this(
        model,
        name,
        prices,
        listener,
        OutputLimit.of(model.provider(), model.defaultRequestParameters()));
  }

  /** The same with another way to bound an answer. */
  public MeteredModel(
      StreamingChatModel model,
      String name,
      Map<String, Price> prices,
      ModelListener listener,
      OutputLimit limit) {
    this(
        (request, text) -> StreamedCall.make(model, request, text),
        model::provider,
        name,
        prices,
        listener,
        limit);
  }

  private MeteredModel(
      BiFunction<ChatRequest, Consumer<String>, ChatResponse> model,
      Supplier<ModelProvider> provider,
      String name,
      Map<String, Price> prices,
      ModelListener listener,
      OutputLimit limit) {
    this.model = model;
    this.limit = limit;
    this.provider = provider;
    this.name = name;
    this.listener = listener;
    Map<String, Price> table = new HashMap<>(Price.shipped());
    table.putAll(prices);
    this.price = table.getOrDefault(name, FREE);
    this.priced = table.containsKey(name);
  }

  /**
   * An answer, and what it cost.
   *
   * @param estimated whether the model did not say: then every four characters count as a token, so
   *     that budgets hold all the same
   */
  public record Answer(ChatResponse response, Usage usage, boolean estimated) {}

  /** Calls the model, in a span of its own. Throws LangChain4j's exceptions. */
  public Answer call(ChatRequest request) {
    return call(request, text -> {});
  }

  /**
   * The same.
   *
   * @param text is told each piece of the answer's text as it comes, where the model streams
   */
  public Answer call(ChatRequest request, Consumer<String> text) {
    return Spans.current()
        .within("chat " + name, Spans.Kind.CLIENT, attributes(), span -> call(request, text, span));
  }

  /** The request with a bound on its answer, where the model takes one. */
  public ChatRequest limited(ChatRequest request, int mostOutputTokens) {
    return limit.apply(request, mostOutputTokens);
  }

  private Answer call(ChatRequest request, Consumer<String> text, Spans.Open span) {
    long began = System.nanoTime();
    Answer answer;
    try {
      ChatResponse response = model.apply(request, text);
      TokenUsage told = response.tokenUsage();
      answer =
          saysNothing(told)
              ? new Answer(response, estimate(request, response), true)
              : new Answer(response, usage(told), false);
    } catch (RuntimeException | Error e) {
      tell(Usage.NONE, began, e.getClass().getSimpleName());
      throw e;
    }
    tell(answer.usage(), began, null);
    span.set("gen_ai.usage.input_tokens", answer.usage().inputTokens());
    span.set("gen_ai.usage.output_tokens", answer.usage().outputTokens());
    return answer;
  }

  private void tell(Usage usage, long began, @Nullable String error) {
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    try {
      listener.called(
          new ModelListener.ModelCall(provider(provider.get()), name, usage, took, error));
    } catch (RuntimeException e) {
      log.warn("a call of {} could not be told of", name, e);
    }
  }

  /** By OpenTelemetry's conventions for generative AI; what is said to the model is not told. */
  private Map<String, String> attributes() {
    return Map.of(
        "gen_ai.operation.name",
        "chat",
        "gen_ai.provider.name",
        provider(provider.get()),
        "gen_ai.request.model",
        name);
  }

  private static String provider(ModelProvider provider) {
    return switch (provider) {
      case OPEN_AI -> "openai";
      case ANTHROPIC -> "anthropic";
      case OLLAMA -> "ollama";
      default -> "other";
    };
  }

  /** The model's name. */
  public String name() {
    return name;
  }

  /** What its tokens cost; nothing where no price is known. */
  public Price price() {
    return price;
  }

  /** Whether it is known what its tokens cost. */
  public boolean isPriced() {
    return priced;
  }

  private static boolean saysNothing(@Nullable TokenUsage told) {
    return told == null || (told.inputTokenCount() == null && told.outputTokenCount() == null);
  }

  private Usage usage(TokenUsage usage) {
    return price.of(count(usage.inputTokenCount()), count(usage.outputTokenCount()));
  }

  private Usage estimate(ChatRequest request, ChatResponse response) {
    if (!warned) {
      warned = true;
      log.warn("{} does not say what its calls use; it is estimated from their length", name);
    }
    return price.of(
        TokenEstimate.of(request.messages()), TokenEstimate.of(List.of(response.aiMessage())));
  }

  private static long count(@Nullable Integer tokens) {
    return tokens == null ? 0 : tokens;
  }
}
