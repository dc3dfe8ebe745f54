package io.agentmanager.worker.mcp;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.ToolExecutionException;
import dev.langchain4j.mcp.client.McpToolMetadataKeys;
import dev.langchain4j.service.tool.ToolExecutionResult;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.agent.AgentTool;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A tool of a server, under the server's name and its own. */
final class McpTool implements AgentTool {
  private static final int LONGEST_NAME = 64;
  private final McpServer server;
  private final McpServerConfig config;
  private final ToolSpecification own;
  private final ToolSpecification offered;

  McpTool(McpServer server, String serverName, McpServerConfig config, ToolSpecification own) {
    this.server = server;
    this.config = config;
    this.own = own;
    this.offered = own.toBuilder().name(name(serverName, own.name())).build();
  }

  /** What providers take as the name of a function: letters, digits, {@code _} and {@code -}. */
  static String name(String server, String tool) {
    String name = (server + "_" + tool).replaceAll("[^A-Za-z0-9_-]", "_");
    if (name.length() <= LONGEST_NAME) {
      return name;
    }
    String tail = "_" + Integer.toHexString(name.hashCode());
    return name.substring(0, LONGEST_NAME - tail.length()) + tail;
  }

  @Override
  public ToolSpecification specification() {
    return offered;
  }

  @Override
  public String call(String arguments, StepContext step) throws Exception {
    ToolExecutionResult result;
    try {
      result = server.call(own, arguments);
    } catch (McpServer.NotSent e) {
      throw e;
    } catch (IOException e) {
      throw isRepeatable()
          ? e
          : new IOException(
              e.getMessage() + "; it is not known whether the call had its effect", e);
    }
    String text = Objects.requireNonNullElse(result.resultText(), "");
    if (result.isError()) {
      throw new ToolExecutionException(text);
    }
    return text;
  }

  /** By what the server says of the tool; of one that says nothing the worst is assumed. */
  @Override
  public boolean isRepeatable() {
    Map<String, Object> hints = Objects.requireNonNullElse(own.metadata(), Map.of());
    return config.repeats(own.name())
        || Boolean.TRUE.equals(hints.get(McpToolMetadataKeys.READ_ONLY_HINT))
        || Boolean.TRUE.equals(hints.get(McpToolMetadataKeys.IDEMPOTENT_HINT));
  }

  @Override
  public Map<String, AccessType> files(JsonNode arguments) {
    Map<String, AccessType> files = new HashMap<>();
    config
        .filesOf(own.name())
        .forEach(
            (argument, access) -> {
              String path = arguments.path(argument).asString("");
              if (!path.isBlank()) {
                files.put(path, access);
              }
            });
    return files;
  }

  @Override
  public Optional<String> approval() {
    return config.asksFor(own.name())
        ? Optional.of("May the agent call " + offered.name() + "?")
        : Optional.empty();
  }
}
