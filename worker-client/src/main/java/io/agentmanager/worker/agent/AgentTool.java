package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolSpecification;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.worker.StepContext;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A tool that a model can call. Calls of one turn run side by side. */
public interface AgentTool {
  /**
   * The tools of an object: its methods with LangChain4j's {@code @Tool}, or itself.
   *
   * @throws IllegalArgumentException when it has none, or one cannot be used as it is annotated
   */
  static Stream<AgentTool> allOf(Object source) {
    return AnnotatedTools.of(source);
  }

  /** What the model is told of it; its name is unique among the tools of a step. */
  ToolSpecification specification();

  /**
   * Makes a call.
   *
   * @param arguments a JSON object as the model wrote it
   * @return what the model is told of the outcome
   * @throws Exception when it failed; the model is told the message
   */
  String call(String arguments, StepContext step) throws Exception;

  /** Whether a call may be made again when it is not known how it ended. */
  default boolean isRepeatable() {
    return true;
  }

  /** What a person is asked before each call; empty where nobody is. */
  default Optional<String> approval() {
    return Optional.empty();
  }

  /** The files of the workspace that a call uses, which are locked while it runs. */
  default Map<String, AccessType> files(JsonNode arguments) {
    return Map.of();
  }
}
