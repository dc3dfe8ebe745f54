package io.agentmanager.worker.agent;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.models.ModelListener;
import io.agentmanager.models.Price;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.StepHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps with a chat model and tools: the model reasons and acts, sees what its actions
 * brought, and goes on until it answers (S. Yao and others, "ReAct", 2022).
 *
 * <pre>{@code
 * Worker.builder(config)
 *     .handler("analyst", Agent.builder(model).instructions("You are terse.").tools(new Sums()).build())
 *     .run();
 * }</pre>
 *
 * <p>Every turn is sent to the server as it ends. The attempt after one that was lost goes on from
 * there. An agent ends with a reason when it has used up its iterations, its time or its budget,
 * when it asks for the same over and over, or when the conversation grows beyond its bound ({@link
 * AgentLimits}).
 */
public final class Agent implements StepHandler {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);
  private static final String NEEDED = "dev.langchain4j.service.tool.DefaultToolExecutor";
  private final MeteredModel model;
  private final String instructions;
  private final Function<StepContext, Stream<AgentTool>> tools;
  private final Set<String> notRepeatable;
  private final Set<String> needApproval;
  private final AgentLimits limits;
  private final Speech speech;
  private final Set<String> warnedOf = ConcurrentHashMap.newKeySet();

  private Agent(Builder builder, MeteredModel model) {
    this.model = model;
    this.instructions = builder.instructions;
    this.tools = builder.sources();
    this.notRepeatable = Set.copyOf(builder.notRepeatable);
    this.needApproval = Set.copyOf(builder.needApproval);
    this.limits = builder.limits;
    this.speech = builder.speech;
  }

  /**
   * An agent that thinks with this model.
   *
   * @throws IllegalStateException when a library is missing; the message names it
   */
  public static Builder builder(ChatModel model) {
    return new Builder(
        modelName(model.defaultRequestParameters()),
        (name, prices, listener) -> new MeteredModel(model, name, prices, listener));
  }

  /** The same; the text is shown live while the model writes it. */
  public static Builder builder(StreamingChatModel model) {
    return new Builder(
        modelName(model.defaultRequestParameters()),
        (name, prices, listener) -> new MeteredModel(model, name, prices, listener));
  }

  /** An agent whose model is counted already. */
  public static Builder builder(MeteredModel model) {
    return new Builder(model.name(), (name, prices, listener) -> model);
  }

  @Override
  public Outcome handle(StepContext step) throws IOException, InterruptedException {
    Toolbox toolbox = new Toolbox(step, tools.apply(step), notRepeatable, needApproval);
    warnOfOthers(toolbox);
    Conversation conversation =
        new Conversation(
            limits,
            StepPrompt.system(instructions, speech.rules(toolbox.specifications())),
            StepPrompt.user(step.task(), results(step)));
    return new ReasonActLoop(step, model, toolbox, speech, conversation, limits).run();
  }

  /** Tools that come with a step are known with the step alone; a server may be away, too. */
  private void warnOfOthers(Toolbox toolbox) {
    Stream.concat(notRepeatable.stream(), needApproval.stream())
        .filter(name -> !toolbox.has(name) && warnedOf.add(name))
        .forEach(
            name -> log.warn("{} must be guarded, and the step has no such tool: misspelt?", name));
  }

  /** Those that were too large to come with the claim are asked for; the model sees them cut. */
  private Map<String, String> results(StepContext step) throws IOException, InterruptedException {
    Map<String, String> results = new LinkedHashMap<>();
    for (String dependency : step.task().dependencies()) {
      results.put(dependency, Excerpt.of(step.result(dependency), limits.observationCharacters()));
    }
    return results;
  }

  private static String modelName(@Nullable ChatRequestParameters parameters) {
    String name = parameters == null ? null : parameters.modelName();
    return Objects.requireNonNullElse(name, "model");
  }

  @FunctionalInterface
  private interface Metering {
    MeteredModel with(String name, Map<String, Price> prices, ModelListener listener);
  }

  /** Collects what an agent is made of. */
  public static final class Builder {
    private final Metering metering;
    private final List<AgentTool> shared = new ArrayList<>();
    private final List<Function<StepContext, ? extends Collection<?>>> perStep = new ArrayList<>();
    private final Set<String> notRepeatable = new HashSet<>();
    private final Set<String> needApproval = new HashSet<>();
    private String name;
    private @Nullable Price price;
    private ModelListener listener = ModelListener.NONE;
    private String instructions = "";
    private AgentLimits limits = AgentLimits.defaults();
    private Speech speech = Speech.nativeTools();

    private Builder(String name, Metering metering) {
      requireExecutor();
      this.name = name;
      this.metering = metering;
    }

    /** What the agent is told beyond the rules of every agent: who it is, how it works. */
    public Builder instructions(String text) {
      instructions = text;
      return this;
    }

    /**
     * Objects with LangChain4j's {@code @Tool} methods, or {@link AgentTool}s. They serve all
     * steps, several at once.
     *
     * @throws IllegalArgumentException when one of them has no tool, or one of a name that there is
     */
    public Builder tools(Object... objects) {
      Stream.of(objects).flatMap(AnnotatedTools::of).forEach(this::add);
      return this;
    }

    private void add(AgentTool tool) {
      String name = tool.specification().name();
      if (names().anyMatch(name::equals)) {
        throw new IllegalArgumentException("two tools are named " + name);
      }
      shared.add(tool);
    }

    private Stream<String> names() {
      return shared.stream().map(tool -> tool.specification().name());
    }

    /** The same, made anew for each step. */
    public Builder toolsFor(Function<StepContext, ? extends Collection<?>> factory) {
      perStep.add(factory);
      return this;
    }

    /** Tools that must not be called twice for one intention; see {@link NotRepeatable}. */
    public Builder notRepeatable(String... tools) {
      notRepeatable.addAll(List.of(tools));
      return this;
    }

    /** Tools whose every call a person approves first; see {@link NeedsApproval}. */
    public Builder needsApproval(String... tools) {
      needApproval.addAll(List.of(tools));
      return this;
    }

    /** For models without tool calls: they ask for tools in a strict textual form. */
    public Builder textProtocol() {
      speech = new TextSpeech();
      return this;
    }

    /** Where the agent is held. */
    public Builder limits(AgentLimits held) {
      limits = held;
      return this;
    }

    /** The model's name in histories and in the table of prices; else what the model says. */
    public Builder modelName(String text) {
      name = text;
      return this;
    }

    /** What the model costs, where the shipped table of prices lacks it or is wrong. */
    public Builder price(Price perMillionTokens) {
      price = perMillionTokens;
      return this;
    }

    /** Who is told of each call of the model: metrics, say. */
    public Builder modelListener(ModelListener who) {
      listener = listener.and(who);
      return this;
    }

    /**
     * Makes the agent, for any number of steps at once.
     *
     * @throws IllegalArgumentException when a tool that must not be repeated, or needs approval, is
     *     none of the agent's, as far as that is known before a step
     */
    public Agent build() {
      if (perStep.isEmpty()) {
        check("notRepeatable", notRepeatable);
        check("needsApproval", needApproval);
      }
      Map<String, Price> prices = price == null ? Map.of() : Map.of(name, price);
      return new Agent(this, metering.with(name, prices, listener));
    }

    private void check(String setting, Set<String> named) {
      Set<String> unknown = new TreeSet<>(named);
      unknown.removeAll(names().collect(Collectors.toSet()));
      if (!unknown.isEmpty()) {
        throw new IllegalArgumentException(
            setting + " names " + unknown + "; the agent's tools are " + names().sorted().toList());
      }
    }

    private Function<StepContext, Stream<AgentTool>> sources() {
      List<AgentTool> always = List.copyOf(shared);
      List<Function<StepContext, ? extends Collection<?>>> made = List.copyOf(perStep);
      return step ->
          Stream.concat(
              always.stream(),
              made.stream()
                  .flatMap(factory -> factory.apply(step).stream())
                  .flatMap(AnnotatedTools::of));
    }

    private static void requireExecutor() {
      try {
        Class<?> unused = Class.forName(NEEDED, false, Agent.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(
            "agents need dev.langchain4j:langchain4j on the class path, beside the artefact of the"
                + " model's provider",
            e);
      }
    }
  }
}
