package io.agentmanager.worker.cli;

import io.agentmanager.models.Price;
import io.agentmanager.models.provider.ModelProvider;
import io.agentmanager.models.provider.ModelSettings;
import io.agentmanager.worker.ConfigFile;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.AgentLimits;
import io.agentmanager.worker.mcp.McpServerConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the built-in agent takes from a worker's configuration file, beside {@link WorkerConfig}.
 *
 * @param model which model it thinks with; absent means as the environment says
 * @param instructions what the agent of a capability is told beyond its rules, by capability
 * @param limits where it is held
 * @param fetchAllowedHosts hosts that its fetch tool may ask; absent means none, and no such tool
 * @param commands programs that it may run; absent means none, and no such tool
 * @param mcpServers servers of the Model Context Protocol whose tools it has, by name
 * @param notRepeatable tools that must not be called twice for one intention, by name
 * @param needApproval tools whose every call a person approves first, by name
 */
public record AgentSettings(
    @Nullable Model model,
    @Nullable Map<String, String> instructions,
    @Nullable Limits limits,
    @Nullable List<String> fetchAllowedHosts,
    @Nullable Commands commands,
    @Nullable Map<String, McpServerConfig> mcpServers,
    @Nullable List<String> notRepeatable,
    @Nullable List<String> needApproval) {
  private static final Duration COMMAND_TIME = Duration.ofMinutes(1);
  private static final int COMMAND_OUTPUT = 64 * 1024;

  /**
   * A model, as the environment's {@code LLM_...} name it; what is absent here is taken from there.
   *
   * @param provider {@code none}, {@code openai}, {@code anthropic} or {@code ollama}
   * @param name the provider's name of the model
   * @param inputPrice dollars for a million tokens sent, where the shipped table lacks or mistakes
   *     them
   * @param outputPrice of tokens received, likewise
   * @param textProtocol true for a model without tool calls: it asks for tools in text
   * @param streaming true shows the text live while the model writes it
   */
  public record Model(
      @Nullable String provider,
      @Nullable String name,
      @Nullable String baseUrl,
      @Nullable String apiKey,
      @Nullable Integer maxTokens,
      @Nullable Duration timeout,
      @Nullable Double inputPrice,
      @Nullable Double outputPrice,
      @Nullable Boolean textProtocol,
      @Nullable Boolean streaming) {
    /** Never shows the key. */
    @Override
    public String toString() {
      return "Model[" + provider + " " + name + " at " + baseUrl + "]";
    }
  }

  /** As {@link AgentLimits}; absent means its default. */
  public record Limits(
      @Nullable Integer contextTokens,
      @Nullable Integer observationCharacters,
      @Nullable Integer repairs,
      @Nullable Integer sameAction) {}

  /**
   * As {@link io.agentmanager.worker.tool.CommandTool}.
   *
   * @param timeout absent means a minute
   * @param maxOutputBytes absent means 65,536
   */
  public record Commands(
      List<String> allowed, @Nullable Duration timeout, @Nullable Integer maxOutputBytes) {
    /** Allows nothing unless it is named. */
    public Commands {
      allowed = Objects.requireNonNullElse(allowed, List.of());
    }

    Duration time() {
      return Objects.requireNonNullElse(timeout, COMMAND_TIME);
    }

    int output() {
      return Objects.requireNonNullElse(maxOutputBytes, COMMAND_OUTPUT);
    }
  }

  /** Nothing is set. */
  public static AgentSettings none() {
    return new AgentSettings(null, null, null, null, null, null, null, null);
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException when a value cannot be used; the message says which
   */
  public static AgentSettings of(ConfigFile file) {
    return file.as(AgentSettings.class);
  }

  /** Keys of a file that nobody reads, however deep: most are misspelt. */
  static SortedSet<String> unknown(ConfigFile file) {
    return file.unknownKeys(List.of(WorkerConfig.class, AgentSettings.class));
  }

  /**
   * The model's settings: this file's over the environment's.
   *
   * @throws IllegalArgumentException when a value cannot be used; the message names it
   */
  ModelSettings model(Function<String, @Nullable String> environment) {
    if (model == null) {
      return ModelSettings.from(environment);
    }
    Map<String, String> own = new HashMap<>();
    put(own, "LLM_PROVIDER", model.provider());
    put(own, "LLM_MODEL", model.name());
    put(own, "LLM_BASE_URL", model.baseUrl());
    put(own, "LLM_MAX_TOKENS", model.maxTokens());
    put(own, "LLM_TIMEOUT", model.timeout());
    put(own, "OPENAI_API_KEY", model.apiKey());
    put(own, "ANTHROPIC_API_KEY", model.apiKey());
    ModelSettings settings =
        ModelSettings.from(name -> own.containsKey(name) ? own.get(name) : environment.apply(name));
    if (settings.provider() == ModelProvider.NONE && model.provider() == null) {
      throw new IllegalArgumentException(
          "model.provider is missing: none, openai, anthropic or ollama");
    }
    if ((model.inputPrice() == null) != (model.outputPrice() == null)) {
      throw new IllegalArgumentException(
          "model.input_price and model.output_price go together: one of them is missing");
    }
    return model.inputPrice() == null
        ? settings
        : settings.pricedAt(new Price(model.inputPrice(), model.outputPrice()));
  }

  private static void put(Map<String, String> to, String name, @Nullable Object value) {
    if (value != null) {
      to.put(name, value.toString());
    }
  }

  boolean isTextual() {
    return model != null && Boolean.TRUE.equals(model.textProtocol());
  }

  boolean isStreaming() {
    return model != null && Boolean.TRUE.equals(model.streaming());
  }

  AgentLimits agentLimits() {
    AgentLimits standard = AgentLimits.defaults();
    return limits == null
        ? standard
        : new AgentLimits(
            Objects.requireNonNullElse(limits.contextTokens(), standard.contextTokens()),
            Objects.requireNonNullElse(
                limits.observationCharacters(), standard.observationCharacters()),
            Objects.requireNonNullElse(limits.repairs(), standard.repairs()),
            Objects.requireNonNullElse(limits.sameAction(), standard.sameAction()));
  }

  List<String> hosts() {
    return Objects.requireNonNullElse(fetchAllowedHosts, List.of());
  }

  Map<String, McpServerConfig> servers() {
    return Objects.requireNonNullElse(mcpServers, Map.of());
  }

  List<String> notRepeated() {
    return Objects.requireNonNullElse(notRepeatable, List.of());
  }

  List<String> approved() {
    return Objects.requireNonNullElse(needApproval, List.of());
  }

  String instructions(String capability) {
    return byCapability().getOrDefault(capability, "");
  }

  Map<String, String> byCapability() {
    return Objects.requireNonNullElse(instructions, Map.of());
  }
}
