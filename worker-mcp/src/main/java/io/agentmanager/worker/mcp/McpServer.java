package io.agentmanager.worker.mcp;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.exception.ToolExecutionException;
import dev.langchain4j.service.tool.ToolExecutionResult;
import io.agentmanager.worker.agent.AgentTool;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server, and the one connection that all steps share: opened at the first use, given up when it
 * breaks, closed when nobody used it for long. A server that fails again and again is left alone
 * for a while, so that no step waits for it.
 */
final class McpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(McpServer.class);
  private static final int WINDOW = 6;
  private static final int LEAST_CALLS = 3;
  private static final float FAILING = 50;
  private static final Duration IMPATIENCE = Duration.ofSeconds(2);
  private static final Duration LEFT_ALONE = Duration.ofSeconds(30);
  private final String name;
  private final McpServerConfig config;
  private final InstantSource clock;
  private final CircuitBreaker breaker;
  private @Nullable McpConnection connection;
  private int users;
  private Instant lastUse = Instant.MIN;
  private volatile List<AgentTool> known = List.of();
  private final Object listings = new Object();
  private CompletableFuture<Void> listing = CompletableFuture.completedFuture(null);

  McpServer(String name, McpServerConfig config, InstantSource clock) {
    this.name = name;
    this.config = config;
    this.clock = clock;
    this.breaker =
        CircuitBreaker.of(
            "mcp-" + name,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(LEAST_CALLS)
                .failureRateThreshold(FAILING)
                .waitDurationInOpenState(LEFT_ALONE)
                .permittedNumberOfCallsInHalfOpenState(1)
                // What a tool says of its own failure is an answer of the server.
                .ignoreExceptions(ToolExecutionException.class, ToolArgumentsException.class)
                .build());
  }

  @FunctionalInterface
  private interface Use<T> {
    T with(McpConnection connection) throws IOException, InterruptedException;
  }

  /**
   * Its tools; those that it had before when it cannot be asked. Nobody waits long for a server
   * that failed before.
   */
  List<AgentTool> tools() throws InterruptedException {
    boolean failedBefore = breaker.getMetrics().getNumberOfFailedCalls() > 0;
    Duration patience = failedBefore ? IMPATIENCE : config.time();
    try {
      listing().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      log.warn("the tools of {} cannot be listed: {}", name, McpConnection.describe(e));
    } catch (TimeoutException e) {
      log.warn("{} does not list its tools; the step begins with those that are known", name);
    }
    return known;
  }

  /** The one that is under way, or another. */
  private CompletableFuture<Void> listing() {
    synchronized (listings) {
      if (listing.isDone()) {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        listing = begun;
        Thread unused = Thread.ofVirtual().name("mcp-list").start(() -> list(begun));
      }
      return listing;
    }
  }

  private void list(CompletableFuture<Void> begun) {
    try {
      known =
          use(McpConnection::tools).stream()
              .filter(tool -> config.allows(tool.name()))
              .<AgentTool>map(tool -> new McpTool(this, name, config, tool))
              .toList();
      begun.complete(null);
    } catch (IOException | InterruptedException | RuntimeException e) {
      begun.completeExceptionally(e);
    }
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
      throw new IOException(
          name + " failed again and again and is left alone for " + LEFT_ALONE.toSeconds() + " s",
          CallNotPermittedException.createCallNotPermittedException(breaker));
    }
    long began = breaker.getCurrentTimestamp();
    McpConnection open = null;
    try {
      open = enter();
      T answer = use.with(open);
      breaker.onSuccess(breaker.getCurrentTimestamp() - began, breaker.getTimestampUnit());
      return answer;
    } catch (InterruptedException e) {
      breaker.releasePermission();
      throw e;
    } catch (IOException | RuntimeException e) {
      breaker.onError(breaker.getCurrentTimestamp() - began, breaker.getTimestampUnit(), e);
      if (!(e instanceof ToolExecutionException) && !(e instanceof ToolArgumentsException)) {
        giveUp(open);
      }
      throw e;
    } finally {
      leave();
    }
  }

  private synchronized McpConnection enter() throws IOException, InterruptedException {
    users++;
    if (connection != null && !connection.isAlive()) {
      connection.close();
      connection = null;
    }
    if (connection == null) {
      connection = McpConnection.open(name, config);
    }
    return connection;
  }

  private synchronized void leave() {
    users--;
    lastUse = clock.instant();
  }

  private synchronized void giveUp(@Nullable McpConnection broken) {
    if (broken != null && broken == connection) {
      broken.close();
      connection = null;
    }
  }

  /** Closes what nobody has used since that time. */
  synchronized void closeIfIdleSince(Instant time) {
    if (users == 0 && connection != null && lastUse.isBefore(time)) {
      log.info("{} was not used for long and is closed", name);
      connection.close();
      connection = null;
    }
  }

  synchronized boolean isConnected() {
    return connection != null;
  }

  @Override
  public synchronized void close() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
