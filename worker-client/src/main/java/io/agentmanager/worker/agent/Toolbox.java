package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.service.tool.DefaultToolExecutor;
import dev.langchain4j.service.tool.ToolExecutor;
import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tools of one step: what the model is told of them, and how they are run. */
final class Toolbox {
  private final List<ToolSpecification> specifications = new ArrayList<>();
  private final Map<String, ToolExecutor> executors = new HashMap<>();

  Toolbox(List<Object> tools) {
    for (Object tool : tools) {
      for (Method method : tool.getClass().getMethods()) {
        if (method.isAnnotationPresent(Tool.class)) {
          ToolSpecification specification = ToolSpecifications.toolSpecificationFrom(method);
          specifications.add(specification);
          executors.put(
              specification.name(),
              DefaultToolExecutor.builder()
                  .object(tool)
                  .originalMethod(method)
                  .methodToInvoke(method)
                  .propagateToolExecutionExceptions(true)
                  .build());
        }
      }
    }
    specifications.sort(java.util.Comparator.comparing(ToolSpecification::name));
  }

  List<ToolSpecification> specifications() {
    return specifications;
  }

  /**
   * Runs a call, in a span of its own; what goes wrong is told to the model, which may do better.
   */
  String run(ToolExecutionRequest call) {
    return Traces.current()
        .within(
            "execute_tool " + (executors.containsKey(call.name()) ? call.name() : "unknown"),
            SpanKind.INTERNAL,
            Attributes.of(
                AttributeKey.stringKey("gen_ai.operation.name"),
                "execute_tool",
                AttributeKey.stringKey("gen_ai.tool.name"),
                call.name()),
            span -> observe(call, span));
  }

  private String observe(ToolExecutionRequest call, Span span) {
    ToolExecutor executor = executors.get(call.name());
    if (executor == null) {
      Traces.failed(span, "unknown_tool");
      return "error: there is no tool " + call.name() + "; there are " + executors.keySet();
    }
    try {
      return executor.execute(call, "step");
    } catch (RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      Traces.failed(span, cause.getClass().getName());
      return "error: " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }
  }
}
