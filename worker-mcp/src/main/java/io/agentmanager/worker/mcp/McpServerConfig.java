package io.agentmanager.worker.mcp;

import io.agentmanager.contracts.api.AccessType;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a server is reached, and which of its tools are offered: an entry of {@code mcp_servers} in a
 * worker's configuration file. Either a command, whose process is spoken with over stdio, or a URL,
 * by streamable HTTP.
 *
 * @param command the program and its arguments
 * @param env what its process finds in its environment, beside {@code PATH}, {@code HOME}, {@code
 *     USER}, {@code LANG} and {@code TMPDIR}; the worker's own secrets are not passed on
 * @param url of the server's endpoint
 * @param headers sent with each request to the URL, such as {@code Authorization}
 * @param allowedTools those that are offered, by the server's own names; absent means all
 * @param repeatableTools those that may be called again when it is not known how a call ended,
 *     beside those of which the server says that they are read-only or idempotent
 * @param approvedTools those whose every call a person approves first
 * @param fileArguments which arguments of a tool name files of the workspace, and what is done with
 *     them: by the tool's own name, then by argument; they are locked while a call runs
 * @param timeout of a connection, and of one call; absent means 30 s. A command's process has at
 *     least 30 s to start, even if this is shorter
 */
public record McpServerConfig(
    @Nullable List<String> command,
    @Nullable Map<String, String> env,
    @Nullable URI url,
    @Nullable Map<String, String> headers,
    @Nullable List<String> allowedTools,
    @Nullable List<String> repeatableTools,
    @Nullable List<String> approvedTools,
    @Nullable Map<String, Map<String, AccessType>> fileArguments,
    @Nullable Duration timeout) {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration LEAST_START = Duration.ofSeconds(30);

  /** A server whose process is started with this command. */
  public static McpServerConfig stdio(String... command) {
    return new McpServerConfig(List.of(command), null, null, null, null, null, null, null, null);
  }

  /** A server behind a URL. */
  public static McpServerConfig http(URI url) {
    return new McpServerConfig(null, null, url, null, null, null, null, null, null);
  }

  /** The same, with these of its tools alone. */
  public McpServerConfig allowing(String... tools) {
    return new McpServerConfig(
        command,
        env,
        url,
        headers,
        List.of(tools),
        repeatableTools,
        approvedTools,
        fileArguments,
        timeout);
  }

  /** The same with another time-out. */
  public McpServerConfig within(Duration time) {
    return new McpServerConfig(
        command,
        env,
        url,
        headers,
        allowedTools,
        repeatableTools,
        approvedTools,
        fileArguments,
        time);
  }

  /** Never shows what is secret in it. */
  @Override
  public String toString() {
    return "McpServerConfig["
        + (command == null || command.isEmpty() ? url : command.getFirst())
        + "]";
  }

  /**
   * Looks whether it can be used.
   *
   * @throws IllegalArgumentException when it cannot; the message says what to change
   */
  void check(String name) {
    boolean hasCommand = command != null && !command.isEmpty();
    if (hasCommand == (url != null)) {
      throw new IllegalArgumentException(
          "mcp_servers." + name + " needs either a command or a url");
    }
    if (url != null && url.getHost() == null) {
      throw new IllegalArgumentException(
          "mcp_servers." + name + ".url is no http or https URL: " + url);
    }
  }

  Duration time() {
    return Objects.requireNonNullElse(timeout, DEFAULT_TIMEOUT);
  }

  /** How long it may take until it can be called. */
  Duration startTime() {
    boolean isTooShort = url == null && time().compareTo(LEAST_START) < 0;
    return isTooShort ? LEAST_START : time();
  }

  boolean allows(String tool) {
    return allowedTools == null || allowedTools.contains(tool);
  }

  boolean repeats(String tool) {
    return repeatableTools != null && repeatableTools.contains(tool);
  }

  Map<String, AccessType> filesOf(String tool) {
    return fileArguments == null ? Map.of() : fileArguments.getOrDefault(tool, Map.of());
  }

  /** The tools of which it says anything, by the server's own names. */
  Set<String> namedTools() {
    Set<String> named = new TreeSet<>();
    Stream.of(allowedTools, repeatableTools, approvedTools)
        .filter(Objects::nonNull)
        .forEach(named::addAll);
    named.addAll(Objects.requireNonNullElse(fileArguments, Map.<String, Object>of()).keySet());
    return named;
  }

  boolean asksFor(String tool) {
    return approvedTools != null && approvedTools.contains(tool);
  }
}
