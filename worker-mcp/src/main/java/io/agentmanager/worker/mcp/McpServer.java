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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
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
  private static final Duration FRESH = Duration.ofMinutes(1);
  private static final Duration IMPATIENCE = Duration.ofSeconds(2);
  private static final Duration LEFT_ALONE = Duration.ofSeconds(30);
  private final String name;
  private final McpServerConfig config;
  private final InstantSource clock;
  private final CircuitBreaker breaker;
  private @Nullable Shared current;
  private Instant lastUse = Instant.MIN;
  private volatile boolean failing;
  private volatile List<AgentTool> known = List.of();
  private volatile Instant listed = Instant.MIN;
  private volatile Set<String> warnedOf = Set.of();
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
                .clock(clock.withZone(ZoneOffset.UTC))
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
   * Its tools: as it listed them less than a minute ago, and those that it had before when it
   * cannot be asked. Nobody waits long for a server that failed before.
   */
  List<AgentTool> tools() throws InterruptedException {
    if (!known.isEmpty() && clock.instant().isBefore(listed.plus(FRESH))) {
      return known;
    }
    Duration patience = failing ? IMPATIENCE : config.startTime().plus(IMPATIENCE);
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
      known = offered(use(McpConnection::tools));
      listed = clock.instant();
      begun.complete(null);
    } catch (IOException | InterruptedException | RuntimeException e) {
      begun.completeExceptionally(e);
    }
  }

  /** Two names that are one to providers would spoil every step: the later gives way. */
  private List<AgentTool> offered(List<ToolSpecification> all) {
    warnOfOthers(all.stream().map(ToolSpecification::name).toList());
    Map<String, AgentTool> byName = new LinkedHashMap<>();
    for (ToolSpecification tool : all) {
      AgentTool offer = new McpTool(this, name, config, tool);
      boolean isOffered = config.allows(tool.name());
      if (isOffered && byName.putIfAbsent(offer.specification().name(), offer) != null) {
        log.warn("{} has two tools that are one by name; {} is not offered", name, tool.name());
      }
    }
    return List.copyOf(byName.values());
  }

  /** A name that is misspelt leaves a tool without what it was to be held by. */
  private void warnOfOthers(List<String> listed) {
    Set<String> others = new TreeSet<>(config.namedTools());
    listed.forEach(others::remove);
    if (!others.isEmpty() && !others.equals(warnedOf)) {
      log.warn(
          "mcp_servers.{} names {}, and the server has no such tools: it has {}",
          name,
          others,
          listed);
    }
    warnedOf = others;
  }

  /** The names of its configuration that none of the tools had when they were listed last. */
  Set<String> unknownNames() {
    return warnedOf;
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
    Shared shared = enter();
    try {
      T answer = use.with(shared.connection());
      failing = false;
      breaker.onSuccess(breaker.getCurrentTimestamp() - began, breaker.getTimestampUnit());
      return answer;
    } catch (InterruptedException e) {
      breaker.releasePermission();
      throw e;
    } catch (IOException | RuntimeException e) {
      boolean answered = e instanceof ToolExecutionException || e instanceof ToolArgumentsException;
      failing = !answered;
      if (answered || detach(shared)) {
        breaker.onError(breaker.getCurrentTimestamp() - began, breaker.getTimestampUnit(), e);
      } else {
        // Of one connection that broke, one failure counts.
        breaker.releasePermission();
      }
      throw e;
    } finally {
      leave(shared);
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

  /** A connection and those who use it. It is closed when it was given up and the last has left. */
  private final class Shared {
    private final FutureTask<McpConnection> opening = new FutureTask<>(this::open);
    private int users;
    private boolean detached;
    private @Nullable McpConnection opened;
    private boolean closed;

    /** Connects on a thread of its own: whoever is interrupted while it waits leaves the others. */
    void begin() {
      Thread unused = Thread.ofVirtual().name("mcp-open").start(opening);
    }

    private McpConnection open() throws IOException, InterruptedException {
      McpConnection connection = McpConnection.open(name, config);
      if (!keep(connection)) {
        connection.close();
      }
      return connection;
    }

    private synchronized boolean keep(McpConnection connection) {
      opened = connection;
      return !closed;
    }

    McpConnection connection() throws IOException, InterruptedException {
      try {
        return opening.get();
      } catch (ExecutionException e) {
        throw new NotSent(McpConnection.describe(e), e);
      } catch (CancellationException e) {
        throw new NotSent(name + " was closed while it started", e);
      }
    }

    boolean isDead() {
      return opening.state() == Future.State.SUCCESS && !opening.resultNow().isAlive();
    }

    /** Ends the start, too, if it is still under way. */
    void close() {
      McpConnection last = end();
      boolean unused = opening.cancel(true);
      if (last != null) {
        last.close();
      }
    }

    private synchronized @Nullable McpConnection end() {
      closed = true;
      return opened;
    }
  }

  private synchronized Shared enter() {
    Shared now = current;
    if (now != null && now.isDead()) {
      boolean unused = detach(now);
      now = null;
    }
    if (now == null) {
      now = new Shared();
      now.begin();
      current = now;
    }
    now.users++;
    return now;
  }

  private synchronized void leave(Shared shared) {
    shared.users--;
    lastUse = clock.instant();
    if (shared.detached && shared.users == 0) {
      shared.close();
    }
  }

  /** Nobody begins anything with it any more; what is under way may end. */
  private synchronized boolean detach(Shared shared) {
    if (shared.detached) {
      return false;
    }
    shared.detached = true;
    if (current == shared) {
      current = null;
    }
    if (shared.users == 0) {
      shared.close();
    }
    return true;
  }

  /** Closes what nobody has used since that time. */
  synchronized void closeIfIdleSince(Instant time) {
    if (current != null && current.users == 0 && lastUse.isBefore(time)) {
      log.info("{} was not used for long and is closed", name);
      boolean unused = detach(current);
    }
  }

  synchronized boolean isConnected() {
    return current != null;
  }

  @Override
  public synchronized void close() {
    if (current != null) {
      Shared last = current;
      boolean unused = detach(last);
      last.close();
    }
  }
}
