package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolSpecification;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.Spans;
import io.agentmanager.worker.HeldFile;
import io.agentmanager.worker.InvalidStepException;
import io.agentmanager.worker.StepContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The tools of one step: what the model is told of them, and how they are run. */
final class Toolbox {
  private static final Duration LOCK_WAIT = Duration.ofSeconds(10);
  private final StepContext step;
  private final Map<String, AgentTool> tools = new TreeMap<>();
  private final Set<String> notRepeatable;
  private final Set<String> needApproval;

  /**
   * Gathers tools.
   *
   * @param notRepeatable names of tools that are so, whatever they say themselves
   * @param needApproval likewise
   * @throws InvalidStepException when two have one name
   */
  Toolbox(
      StepContext step,
      Stream<AgentTool> all,
      Set<String> notRepeatable,
      Set<String> needApproval) {
    this.step = step;
    this.notRepeatable = notRepeatable;
    this.needApproval = needApproval;
    all.forEach(this::add);
  }

  private void add(AgentTool tool) {
    String name = tool.specification().name();
    if (tools.put(name, tool) != null) {
      throw new InvalidStepException("two tools are named " + name);
    }
  }

  List<ToolSpecification> specifications() {
    return tools.values().stream().map(AgentTool::specification).toList();
  }

  /** Whether a call may be made again when it is not known how it ended. */
  boolean isRepeatable(String name) {
    AgentTool tool = tools.get(name);
    return tool == null
        || (tool.isRepeatable() && !notRepeatable.contains(name) && approval(name).isEmpty());
  }

  boolean has(String name) {
    return tools.containsKey(name);
  }

  /** What a person is to be asked before a call. */
  Optional<String> approval(String name) {
    AgentTool tool = tools.get(name);
    if (tool == null) {
      return Optional.empty();
    }
    Optional<String> own = tool.approval();
    if (own.isEmpty() && !needApproval.contains(name)) {
      return Optional.empty();
    }
    return own.filter(question -> !question.isBlank())
        .or(() -> Optional.of("May the agent call " + name + "?"));
  }

  /**
   * Runs a call, in a span of its own; what goes wrong is told to the model, which may do better.
   *
   * @throws InterruptedException when the attempt is to stop
   */
  String run(String name, String arguments) throws InterruptedException {
    String known = tools.containsKey(name) ? name : "unknown";
    return Spans.current()
        .<String, InterruptedException>within(
            "execute_tool " + known,
            Spans.Kind.INTERNAL,
            Map.of("gen_ai.operation.name", "execute_tool", "gen_ai.tool.name", name),
            span -> observe(name, arguments, span));
  }

  private String observe(String name, String arguments, Spans.Open span)
      throws InterruptedException {
    AgentTool tool = tools.get(name);
    if (tool == null) {
      span.failed("unknown_tool");
      return "error: there is no tool " + name + "; there are " + tools.keySet();
    }
    JsonNode parsed = object(arguments);
    if (parsed == null) {
      span.failed("invalid_arguments");
      return "error: the arguments of " + name + " are not a JSON object";
    }
    try {
      return locked(tool, parsed);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      Throwable cause = e instanceof RuntimeException && e.getCause() != null ? e.getCause() : e;
      if (cause instanceof InterruptedException || Thread.currentThread().isInterrupted()) {
        throw new InterruptedException("the call of " + name + " was interrupted");
      }
      span.failed(cause.getClass().getName());
      return "error: " + Objects.requireNonNullElse(cause.getMessage(), cause.toString());
    }
  }

  /** Locks are taken in the order of the paths, as everywhere. */
  private String locked(AgentTool tool, JsonNode arguments) throws Exception {
    List<HeldFile> held = new ArrayList<>();
    try {
      for (Map.Entry<String, AccessType> file : new TreeMap<>(tool.files(arguments)).entrySet()) {
        held.add(step.lock(file.getKey(), file.getValue(), LOCK_WAIT));
      }
      // The server refuses U+0000, which tools read from files that are no text.
      return tool.call(arguments.toString(), step).replace('\u0000', '\uFFFD');
    } finally {
      release(held);
    }
  }

  private static void release(Collection<HeldFile> held) {
    held.forEach(HeldFile::close);
  }

  /** The arguments as an object; null when they are none. */
  static @Nullable JsonNode object(@Nullable String arguments) {
    if (arguments == null || arguments.isBlank()) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      JsonNode parsed = WireJson.mapper().readTree(arguments);
      return parsed.isObject() ? parsed : null;
    } catch (JacksonException e) {
      return null;
    }
  }
}
