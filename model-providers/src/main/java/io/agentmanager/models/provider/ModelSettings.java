package io.agentmanager.models.provider;

import io.agentmanager.models.Price;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which model answers, and how it is reached.
 *
 * @param model the provider's name of the model
 * @param maxTokens the longest answer in tokens
 * @param baseUrl absent means the provider's own
 * @param apiKey absent where the provider needs none
 * @param timeout of one call
 * @param prices overrides and additions to the price table, by model name
 */
public record ModelSettings(
    ModelProvider provider,
    String model,
    int maxTokens,
    @Nullable String baseUrl,
    @Nullable String apiKey,
    Duration timeout,
    Map<String, Price> prices) {
  private static final int DEFAULT_MAX_TOKENS = 4096;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

  /** Of clouds whose own is no link-local one. */
  private static final Set<InetAddress> METADATA_ADDRESSES =
      Set.of(
          InetAddress.ofLiteral("fd00:ec2::254"),
          InetAddress.ofLiteral("100.100.100.200"),
          InetAddress.ofLiteral("168.63.129.16"));

  private static final Set<String> METADATA_HOSTS =
      Set.of("metadata.google.internal", "metadata.goog", "instance-data");

  /** No model at all. */
  public static ModelSettings none() {
    return new ModelSettings(
        ModelProvider.NONE, "", DEFAULT_MAX_TOKENS, null, null, DEFAULT_TIMEOUT, Map.of());
  }

  /**
   * Reads the names that operators know: {@code LLM_PROVIDER}, {@code LLM_MODEL}, {@code
   * LLM_MAX_TOKENS}, {@code LLM_BASE_URL}, {@code OPENAI_API_KEY}, {@code ANTHROPIC_API_KEY},
   * {@code LLM_TIMEOUT} (ISO 8601) and {@code LLM_PRICES} ({@code model=input/output,...} in
   * dollars for a million tokens). Without a provider, a key names one.
   *
   * @throws IllegalArgumentException when a value cannot be used; the message names it
   */
  public static ModelSettings from(Function<String, @Nullable String> environment) {
    ModelProvider provider = provider(environment);
    return new ModelSettings(
        provider,
        value(environment, "LLM_MODEL").orElse(defaultModel(provider)),
        value(environment, "LLM_MAX_TOKENS")
            .map(ModelSettings::positive)
            .orElse(DEFAULT_MAX_TOKENS),
        value(environment, "LLM_BASE_URL").map(ModelSettings::baseUrl).orElse(null),
        apiKey(provider, environment),
        value(environment, "LLM_TIMEOUT").map(Duration::parse).orElse(DEFAULT_TIMEOUT),
        value(environment, "LLM_PRICES").map(Price::parseTable).orElse(Map.of()));
  }

  /** The same with this price of the model. */
  public ModelSettings pricedAt(Price price) {
    Map<String, Price> all = new HashMap<>(prices);
    all.put(model, price);
    return new ModelSettings(provider, model, maxTokens, baseUrl, apiKey, timeout, Map.copyOf(all));
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "ModelSettings[" + provider + " " + model + " at " + baseUrl + "]";
  }

  private static ModelProvider provider(Function<String, @Nullable String> environment) {
    Optional<String> named = value(environment, "LLM_PROVIDER");
    if (named.isPresent()) {
      return named(named.get());
    }
    if (value(environment, "OPENAI_API_KEY").isPresent()) {
      return ModelProvider.OPENAI;
    }
    return value(environment, "ANTHROPIC_API_KEY").isPresent()
        ? ModelProvider.ANTHROPIC
        : ModelProvider.NONE;
  }

  private static ModelProvider named(String name) {
    try {
      return ModelProvider.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "LLM_PROVIDER must be none, openai, anthropic or ollama, not " + name, e);
    }
  }

  private static String defaultModel(ModelProvider provider) {
    return switch (provider) {
      case NONE -> "";
      case OPENAI -> "gpt-4o-mini";
      case ANTHROPIC -> "claude-sonnet-4-5";
      case OLLAMA -> "llama3.1";
    };
  }

  private static @Nullable String apiKey(
      ModelProvider provider, Function<String, @Nullable String> environment) {
    return switch (provider) {
      case NONE, OLLAMA -> null;
      case OPENAI -> value(environment, "OPENAI_API_KEY").orElse(null);
      case ANTHROPIC -> value(environment, "ANTHROPIC_API_KEY").orElse(null);
    };
  }

  /**
   * A model may run on this machine or in a private network, which the operator says here; but no
   * model has an address where clouds keep credentials, or none of its own.
   */
  private static String baseUrl(String text) {
    try {
      URI url = URI.create(text);
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (web
          && url.getHost() != null
          && url.getRawUserInfo() == null
          && url.getRawQuery() == null
          && url.getRawFragment() == null
          && !isOfNoModel(url.getHost())) {
        return text;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "LLM_BASE_URL must be a plain http or https URL of a model's server");
  }

  private static boolean isOfNoModel(String host) {
    try {
      InetAddress address = InetAddress.ofLiteral(host.replaceAll("^\\[|]$", ""));
      return METADATA_ADDRESSES.contains(address)
          || address.isLinkLocalAddress()
          || address.isAnyLocalAddress()
          || address.isMulticastAddress();
    } catch (IllegalArgumentException e) {
      return METADATA_HOSTS.contains(host.toLowerCase(Locale.ROOT));
    }
  }

  private static int positive(String text) {
    try {
      int value = Integer.parseInt(text);
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("LLM_MAX_TOKENS must be a positive number, not " + text);
  }

  private static Optional<String> value(
      Function<String, @Nullable String> environment, String name) {
    return Optional.ofNullable(environment.apply(name))
        .map(String::strip)
        .filter(v -> !v.isEmpty());
  }
}
