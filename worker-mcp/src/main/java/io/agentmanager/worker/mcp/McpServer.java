package io.agentmanager.worker.mcp;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.exception.ToolExecutionException;
import dev.langchain4j.service.tool.ToolExecutionResult;
import io.agentmanager.worker.agent.AgentTool;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

/**
 * A server: its tools, and calls of them. One that fails again and again is left alone for a while,
 * so that no step waits for it.
 */
final class McpServer implements AutoCloseable {
  private static final int WINDOW = 6;
  private static final int LEAST_CALLS = 3;
  private static final float FAILING = 50;
  private static final Duration IMPATIENCE = Duration.ofSeconds(2);
  private static final Duration LEFT_ALONE = Duration.ofSeconds(30);
  private final String name;
  private final McpServerConfig config;
  private final CircuitBreaker breaker;
  private final SharedConnection shared;
  private final ToolListing listing;
  private volatile boolean failing;

  McpServer(String name, McpServerConfig config, InstantSource clock) {
    this.name = name;
    this.config = config;
    this.breaker =
        CircuitBreaker.of(
            "mcp-" + name,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(LEAST_CALLS)
                .failureRateThreshold(FAILING)
                .waitDurationInOpenState(LEFT_ALONE)
                .clock(clock.withZone(ZoneOffset.UTC))
                .permittedNumberOfCallsInHalfOpenState(1)
                // What a tool says of its own failure is an answer of the server.
                .ignoreExceptions(ToolExecutionException.class, ToolArgumentsException.class)
                .build());
    this.shared = new SharedConnection(name, config, clock);
    this.listing =
        new ToolListing(
            name,
            config,
            clock,
            () -> use(McpConnection::tools),
            tool -> new McpTool(this, name, config, tool));
  }

  @FunctionalInterface
  private interface Use<T> {
    T with(McpConnection connection) throws IOException, InterruptedException;
  }

  /**
   * Its tools: as it listed them less than a minute ago, and those that it had before when it
   * cannot be asked. Nobody waits long for a server that failed the last time.
   */
  List<AgentTool> tools() throws InterruptedException {
    return listing.tools(failing ? IMPATIENCE : config.startTime().plus(IMPATIENCE));
  }

  /** The names of its configuration that none of the tools had when they were listed last. */
  Set<String> unknownNames() {
    return listing.unknownNames();
  }

  /** Whether a tool of that name, as models know it, would be one of this server's. */
  boolean mayOffer(String tool) {
    return tool.startsWith(McpTool.name(name, ""));
  }

  /**
   * Calls a tool.
   *
   * @throws IOException when it is not known what became of the call, or the server is left alone
   */
  ToolExecutionResult call(ToolSpecification tool, String arguments)
      throws IOException, InterruptedException {
    return use(open -> open.call(tool.name(), arguments));
  }

  private <T> T use(Use<T> use) throws IOException, InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      throw new NotSent(
          name + " failed again and again and is left alone for " + LEFT_ALONE.toSeconds() + " s");
    }
    long began = breaker.getCurrentTimestamp();
    SharedConnection.Opened opened = enter();
    try {
      T answer = use.with(opened.connection());
      failing = false;
      breaker.onSuccess(breaker.getCurrentTimestamp() - began, breaker.getTimestampUnit());
      return answer;
    } catch (InterruptedException e) {
      breaker.releasePermission();
      throw e;
    } catch (IOException | RuntimeException e) {
      boolean answered = e instanceof ToolExecutionException || e instanceof ToolArgumentsException;
      if (answered || opened.giveUp()) {
        failing = !answered;
        breaker.onError(breaker.getCurrentTimestamp() - began, breaker.getTimestampUnit(), e);
      } else {
        // Of one connection that broke, one failure counts.
        breaker.releasePermission();
      }
      throw e;
    } finally {
      opened.leave();
    }
  }

  private SharedConnection.Opened enter() throws NotSent {
    try {
      return shared.enter();
    } catch (NotSent e) {
      breaker.releasePermission();
      throw e;
    }
  }

  /** A call that never reached the server. */
  static final class NotSent extends IOException {
    private static final long serialVersionUID = 1;

    NotSent(String message) {
      super(message);
    }

    NotSent(String message, Throwable cause) {
      super(message, cause);
    }
  }

  void closeIfIdleSince(Instant time) {
    shared.closeIfIdleSince(time);
  }

  boolean isConnected() {
    return shared.isOpen();
  }

  @Override
  public void close() {
    shared.close();
  }
}
