package io.agentmanager.worker.mcp;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.ToolExecutionException;
import dev.langchain4j.mcp.client.DefaultMcpClient;
import dev.langchain4j.mcp.client.McpClient;
import dev.langchain4j.mcp.client.transport.McpOperationHandler;
import dev.langchain4j.mcp.client.transport.McpTransport;
import dev.langchain4j.mcp.client.transport.http.StreamableHttpMcpTransport;
import dev.langchain4j.mcp.client.transport.stdio.StdioMcpTransport;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to a server: made at once, used by many calls, closed once. */
final class McpConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(McpConnection.class);
  private static final Duration MARGIN = Duration.ofSeconds(2);
  private static final Path ENV = Path.of("/usr/bin/env");
  private static final List<String> INHERITED = List.of("PATH", "HOME", "USER", "LANG", "TMPDIR");
  private static final String TIMED_OUT = "agentmanager: no answer in time";
  private final McpClient client;
  private final @Nullable Process process;
  private final Duration time;

  private McpConnection(McpClient client, @Nullable Process process, Duration time) {
    this.client = client;
    this.time = time;
    this.process = process;
  }

  /**
   * Connects.
   *
   * @throws IOException when the server cannot be started or reached, or does not answer in time
   */
  static McpConnection open(String name, McpServerConfig config)
      throws IOException, InterruptedException {
    McpTransport transport = transport(config);
    CompletableFuture<Process> started =
        transport instanceof StartedProcess stdio ? stdio.started : new CompletableFuture<>();
    try {
      McpClient client =
          whileAlive(started, "start", config.startTime(), () -> client(name, config, transport));
      return new McpConnection(client, started.getNow(null), config.time());
    } catch (InterruptedException e) {
      end(transport, started);
      throw e;
    } catch (IOException | RuntimeException e) {
      end(transport, started);
      throw new IOException("cannot connect to " + name + ": " + describe(e), e);
    }
  }

  /** Its process may be about to begin yet: an interrupt does not keep it from that. */
  private static void end(McpTransport transport, CompletableFuture<Process> started) {
    closeQuietly(transport);
    var unused = started.thenAccept(process -> process.toHandle().destroyForcibly());
  }

  private static McpClient client(String name, McpServerConfig config, McpTransport transport) {
    return DefaultMcpClient.builder()
        .key(name)
        .clientName("agentmanager-worker")
        .transport(transport)
        .initializationTimeout(config.startTime())
        .toolExecutionTimeout(config.time())
        .toolExecutionTimeoutErrorMessage(TIMED_OUT)
        .autoHealthCheck(false)
        .build();
  }

  /** Tells of its process as soon as there is one. */
  private static final class StartedProcess extends StdioMcpTransport {
    private final CompletableFuture<Process> started = new CompletableFuture<>();

    StartedProcess(StdioMcpTransport.Builder builder) {
      super(builder);
    }

    @Override
    public void start(McpOperationHandler handler) {
      super.start(handler);
      started.complete(getProcess());
    }
  }

  private static McpTransport transport(McpServerConfig config) {
    if (config.url() != null) {
      return StreamableHttpMcpTransport.builder()
          .url(config.url().toString())
          .customHeaders(Objects.requireNonNullElse(config.headers(), Map.<String, String>of()))
          .timeout(config.time())
          .build();
    }
    Map<String, String> own = Objects.requireNonNullElse(config.env(), Map.of());
    return new StartedProcess(
        StdioMcpTransport.builder()
            .command(alone(Objects.requireNonNull(config.command()), own))
            .environment(own));
  }

  /** The worker's environment holds tokens and keys that are none of the server's business. */
  private static List<String> alone(List<String> command, Map<String, String> own) {
    if (!Files.isExecutable(ENV)) {
      throw new IllegalStateException(
          "there is no " + ENV + ", without which the server would see the worker's environment");
    }
    List<String> clean = new ArrayList<>(List.of(ENV.toString(), "-i"));
    for (String name : INHERITED) {
      String value = System.getenv(name);
      if (value != null && !own.containsKey(name)) {
        clean.add(name + "=" + value);
      }
    }
    own.forEach((name, value) -> clean.add(name + "=" + value));
    clean.addAll(command);
    return clean;
  }

  /**
   * The server's tools, as it lists them now; from memory unless it said that they changed.
   *
   * @throws IOException when it does not tell
   */
  List<ToolSpecification> tools() throws IOException, InterruptedException {
    return whileAlive(ends(), "list its tools", time, client::listTools);
  }

  /**
   * Calls a tool.
   *
   * @throws IOException when the server ended, broke off or did not answer in time: it is not known
   *     what became of the call
   */
  ToolExecutionResult call(String tool, String arguments) throws IOException, InterruptedException {
    ToolExecutionRequest request =
        ToolExecutionRequest.builder().id(tool).name(tool).arguments(arguments).build();
    ToolExecutionResult result;
    try {
      result = whileAlive(ends(), "call " + tool, time, () -> client.executeTool(request));
    } catch (ToolExecutionException e) {
      // Of what the tool itself says there is no cause.
      if (e.getCause() == null) {
        throw e;
      }
      throw new IOException("the call of " + tool + " broke off: " + describe(e), e);
    }
    if (TIMED_OUT.equals(result.resultText())) {
      throw new IOException("the server did not answer a call of " + tool + " in time");
    }
    return result;
  }

  private CompletableFuture<Process> ends() {
    return process == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(process);
  }

  /**
   * A process that ends in the middle of a call answers it no more: nobody waits for that. Nor for
   * one that does not even read it, which the client's own time limit does not see.
   */
  private static <T> T whileAlive(
      CompletableFuture<Process> process, String what, Duration time, Callable<T> work)
      throws IOException, InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    CompletableFuture<Process> watched =
        process
            .thenCompose(Process::onExit)
            .whenComplete(
                (ended, none) ->
                    answer.completeExceptionally(
                        new IOException("the server's process ended during: " + what)));
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              try {
                answer.complete(work.call());
              } catch (Exception e) {
                answer.completeExceptionally(e);
              }
              return null;
            });
    Thread caller = Thread.ofVirtual().name("mcp-call").start(task);
    try {
      return answer.get(time.plus(MARGIN).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      caller.interrupt();
      throw e;
    } catch (TimeoutException e) {
      caller.interrupt();
      throw new IOException("the server did not even take the request in time: " + what, e);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (cause instanceof RuntimeException own) {
        throw own;
      }
      throw new IOException(describe(cause), cause);
    } finally {
      watched.cancel(false);
    }
  }

  boolean isAlive() {
    return process == null || process.isAlive();
  }

  /**
   * Returns soon, whatever state the server is in; its process is ended, by force if need be. (A
   * {@link Process} that is destroyed closes its streams first, and waits for whoever is stuck in a
   * write to them; its handle does not.)
   */
  @Override
  public void close() {
    if (process != null) {
      boolean unused = process.toHandle().destroy();
    }
    Thread ending = Thread.ofVirtual().name("mcp-kill").start(this::endByForce);
    Thread closing = Thread.ofVirtual().name("mcp-close").start(() -> closeQuietly(client));
    try {
      ending.join();
      boolean unused = closing.join(MARGIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void endByForce() {
    try {
      if (process != null && !process.waitFor(MARGIN.toMillis(), TimeUnit.MILLISECONDS)) {
        boolean unused = process.toHandle().destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      log.debug("while closing: {}", e.toString());
    }
  }

  static String describe(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
