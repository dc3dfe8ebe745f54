package io.agentmanager.worker.mcp;

import io.agentmanager.worker.agent.AgentTool;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Model Context Protocol servers of a worker. Their tools are offered under the server's name
 * and their own, such as {@code files_read}.
 *
 * <pre>{@code
 * try (McpServers servers = McpServers.of(Map.of("files", McpServerConfig.stdio("mcp-files", "/data")))) {
 *   Agent agent = Agent.builder(model).toolsFor(step -> servers.tools()).build();
 * }
 * }</pre>
 *
 * <p>A server is connected at the first use, once for all steps; a connection that broke is made
 * anew at the next use, one that nobody used for five minutes is closed. A server that fails again
 * and again is left alone for half a minute; steps go on without it.
 */
public final class McpServers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(McpServers.class);
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final long LOOK_SEC = 30;
  private final List<McpServer> servers;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().daemon().name("mcp-idle").unstarted(work));

  private McpServers(List<McpServer> servers, InstantSource clock) {
    this.servers = servers;
    this.clock = clock;
    ScheduledFuture<?> unused =
        looking.scheduleWithFixedDelay(this::closeIdle, LOOK_SEC, LOOK_SEC, TimeUnit.SECONDS);
  }

  /**
   * Servers by name; none is connected yet.
   *
   * @throws IllegalArgumentException when a configuration cannot be used; the message says which
   */
  public static McpServers of(Map<String, McpServerConfig> byName) {
    return of(byName, InstantSource.system());
  }

  static McpServers of(Map<String, McpServerConfig> byName, InstantSource clock) {
    List<McpServer> servers = new ArrayList<>();
    byName.forEach(
        (name, config) -> {
          if (config == null) {
            throw new IllegalArgumentException("mcp_servers." + name + " says nothing");
          }
          config.check(name);
          servers.add(new McpServer(name, config, clock));
        });
    return new McpServers(List.copyOf(servers), clock);
  }

  /**
   * The tools of all servers. A server that cannot be reached brings those that it had before, or
   * none; the log says so.
   */
  public List<AgentTool> tools() {
    List<AgentTool> tools = new ArrayList<>();
    List<Callable<List<AgentTool>>> asked =
        servers.stream().<Callable<List<AgentTool>>>map(server -> server::tools).toList();
    try {
      for (Future<List<AgentTool>> answer : threads.invokeAll(asked)) {
        tools.addAll(answer.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      log.warn("the tools of a server cannot be used", e.getCause());
    }
    return tools;
  }

  /** Whether a tool of that name could be one of these servers', going by the name alone. */
  public boolean mayOffer(String tool) {
    return servers.stream().anyMatch(server -> server.mayOffer(tool));
  }

  /** Closes what nobody used for five minutes. */
  void closeIdle() {
    servers.forEach(server -> server.closeIfIdleSince(clock.instant().minus(IDLE)));
  }

  /** How many are connected now. */
  long connected() {
    return servers.stream().filter(McpServer::isConnected).count();
  }

  /** Closes all connections, and ends the processes that were started. */
  @Override
  public void close() {
    looking.shutdownNow();
    threads.shutdownNow();
    servers.forEach(McpServer::close);
  }
}
