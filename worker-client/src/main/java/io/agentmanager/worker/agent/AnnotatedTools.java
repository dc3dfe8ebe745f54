package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.service.tool.DefaultToolExecutor;
import dev.langchain4j.service.tool.ToolExecutor;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.worker.StepContext;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Objects with LangChain4j's {@code @Tool} methods, as they are. */
final class AnnotatedTools {
  private AnnotatedTools() {}

  /**
   * The tools of an object: an {@link AgentTool} is one itself.
   *
   * @throws IllegalArgumentException when it has none; the message says what to add
   */
  static Stream<AgentTool> of(Object source) {
    if (source instanceof AgentTool tool) {
      return Stream.of(tool);
    }
    List<AgentTool> tools =
        Arrays.stream(source.getClass().getMethods())
            .filter(method -> method.isAnnotationPresent(Tool.class))
            .<AgentTool>map(method -> new Annotated(source, method))
            .toList();
    if (tools.isEmpty()) {
      throw new IllegalArgumentException(
          source.getClass().getName()
              + " has no public method with @Tool (dev.langchain4j.agent.tool.Tool)");
    }
    return tools.stream();
  }

  private static final class Annotated implements AgentTool {
    private final Method method;
    private final ToolSpecification specification;
    private final ToolExecutor executor;

    Annotated(Object target, Method method) {
      this.method = method;
      this.specification = ToolSpecifications.toolSpecificationFrom(method);
      method.setAccessible(true);
      this.executor =
          DefaultToolExecutor.builder()
              .object(target)
              .originalMethod(method)
              .methodToInvoke(method)
              .wrapToolArgumentsExceptions(true)
              .propagateToolExecutionExceptions(true)
              .build();
    }

    @Override
    public ToolSpecification specification() {
      return specification;
    }

    @Override
    public String call(String arguments, StepContext step) {
      return executor.execute(
          ToolExecutionRequest.builder()
              .id(specification.name())
              .name(specification.name())
              .arguments(arguments)
              .build(),
          step.task().workflowId());
    }

    @Override
    public boolean isRepeatable() {
      return !method.isAnnotationPresent(NotRepeatable.class);
    }

    @Override
    public Optional<String> approval() {
      return Optional.ofNullable(method.getAnnotation(NeedsApproval.class))
          .map(NeedsApproval::value);
    }

    @Override
    public Map<String, AccessType> files(JsonNode arguments) {
      UsesFile uses = method.getAnnotation(UsesFile.class);
      String path = uses == null ? "" : arguments.path(uses.value()).asString("");
      return uses == null || path.isBlank() ? Map.of() : Map.of(path, uses.access());
    }
  }
}
