package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.service.tool.DefaultToolExecutor;
import dev.langchain4j.service.tool.ToolExecutor;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.worker.StepContext;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Objects with LangChain4j's {@code @Tool} methods, as they are. */
final class AnnotatedTools {
  private AnnotatedTools() {}

  /**
   * The tools of an object: an {@link AgentTool} is one itself.
   *
   * @throws IllegalArgumentException when it has none, or one names a file that is no argument of
   *     it; the message says what to change
   */
  static Stream<AgentTool> of(Object source) {
    if (source instanceof AgentTool tool) {
      return Stream.of(tool);
    }
    List<AgentTool> tools =
        methods(source.getClass()).stream()
            .filter(same -> same.stream().anyMatch(AnnotatedTools::isTool))
            .<AgentTool>map(same -> new Annotated(source, same))
            .toList();
    if (tools.isEmpty()) {
      throw new IllegalArgumentException(
          source.getClass().getName()
              + " has no method with @Tool (dev.langchain4j.agent.tool.Tool)");
    }
    return tools.stream();
  }

  /**
   * The methods of a class, of those that it extends and of its interfaces, each with those that it
   * overrides or implements: an annotation counts wherever it stands. Of a proxy those of what it
   * stands for.
   */
  private static Collection<List<Method>> methods(Class<?> type) {
    Map<String, List<Method>> found = new TreeMap<>();
    Deque<Class<?>> next = new ArrayDeque<>(List.of(type));
    while (!next.isEmpty()) {
      Class<?> one = next.removeFirst();
      for (Method method : one.getDeclaredMethods()) {
        found
            .computeIfAbsent(
                method.getName() + Arrays.toString(method.getParameterTypes()),
                signature -> new ArrayList<>())
            .add(method);
      }
      next.addAll(List.of(one.getInterfaces()));
      if (one.getSuperclass() != null) {
        next.add(one.getSuperclass());
      }
    }
    return found.values();
  }

  private static boolean isTool(Method method) {
    return method.isAnnotationPresent(Tool.class) && !method.isBridge();
  }

  private static AccessType stronger(AccessType one, AccessType other) {
    return one.ordinal() >= other.ordinal() ? one : other;
  }

  private static final class Annotated implements AgentTool {
    private final List<Method> same;
    private final ToolSpecification specification;
    private final ToolExecutor executor;

    Annotated(Object target, List<Method> same) {
      Method method = same.stream().filter(AnnotatedTools::isTool).findFirst().orElseThrow();
      this.same = same;
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
      checkFiles(method);
    }

    /** A file that is not found among the arguments would not be locked. */
    private void checkFiles(Method method) {
      JsonObjectSchema parameters = specification.parameters();
      Set<String> names = parameters == null ? Set.of() : parameters.properties().keySet();
      for (UsesFile uses : files()) {
        if (!names.contains(uses.value())) {
          throw new IllegalArgumentException(
              "%s has @UsesFile(\"%s\"), and its arguments are %s: name them with @P(name = ...),"
                      .formatted(method, uses.value(), names)
                  + " or compile with -parameters");
        }
      }
    }

    private List<UsesFile> files() {
      return same.stream().flatMap(m -> Stream.of(m.getAnnotationsByType(UsesFile.class))).toList();
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
      return same.stream().noneMatch(m -> m.isAnnotationPresent(NotRepeatable.class));
    }

    @Override
    public Optional<String> approval() {
      return same.stream()
          .flatMap(m -> Stream.of(m.getAnnotationsByType(NeedsApproval.class)))
          .map(NeedsApproval::value)
          .findFirst();
    }

    @Override
    public Map<String, AccessType> files(JsonNode arguments) {
      Map<String, AccessType> files = new HashMap<>();
      for (UsesFile uses : files()) {
        String path = arguments.path(uses.value()).asString("");
        if (!path.isBlank()) {
          files.merge(path, uses.access(), AnnotatedTools::stronger);
        }
      }
      return files;
    }
  }
}
