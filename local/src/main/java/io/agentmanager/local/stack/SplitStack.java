package io.agentmanager.local.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole system as one process a part, each restarted when it dies, its pid in {@code
 * run/NAME.pid}. PostgreSQL is its own postmaster; the others are JVMs.
 */
public final class SplitStack implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SplitStack.class);
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration RESTART_PAUSE = Duration.ofMillis(500);
  private static final int STOP_SEC = 20;
  private static final int OK = 200;

  private final DataFolder folder;
  private final int port;
  private final Map<String, Process> processes = new ConcurrentHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile Part postgres = () -> {};
  private volatile boolean stopping;

  private SplitStack(DataFolder folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Starts everything and returns when all of it serves. */
  public static SplitStack start(DataFolder folder, int port, boolean withWorker) throws Exception {
    SplitStack stack = new SplitStack(folder, port);
    // PostgreSQL does not end with its parent, as the others do.
    Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop-parts"));
    try {
      stack.run(Parts.start(Parts.POSTGRES, folder, port));
      stack.launch(Parts.KAFKA);
      Parts.SERVICES.forEach(stack::launch);
      for (String service : Parts.SERVICES) {
        stack.awaitReady(service);
      }
      if (withWorker) {
        stack.launch(Parts.WORKER);
      }
      Thread.ofVirtual().name("watch-postgres").start(stack::watchPostgres);
      Files.writeString(folder.url(), "http://localhost:" + port + "\n");
      return stack;
    } catch (Exception e) {
      stack.close();
      throw e;
    }
  }

  /** Stops everything, once; whoever calls it meanwhile waits until that is done. */
  @Override
  public synchronized void close() {
    if (stopping) {
      return;
    }
    stopping = true;
    List<String> order = new ArrayList<>(List.of(Parts.WORKER, "gateway"));
    order.addAll(List.of("planner-service", "task-service", "audit-service"));
    for (String name : order) {
      terminate(name);
    }
    order.forEach(this::awaitEnd);
    terminate(Parts.KAFKA);
    awaitEnd(Parts.KAFKA);
    postgres.close();
  }

  private void launch(String name) {
    if (stopping) {
      return;
    }
    try {
      Process process =
          new ProcessBuilder(command(name))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(
                  ProcessBuilder.Redirect.appendTo(folder.logs().resolve(name + ".err").toFile()))
              .start();
      processes.put(name, process);
      Files.writeString(folder.pid(name), process.pid() + "\n");
      process.onExit().thenAccept(ended -> restart(name, ended));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void restart(String name, Process ended) {
    if (stopping) {
      return;
    }
    log.warn("{} ended with {} and is started again", name, ended.exitValue());
    try {
      Thread.sleep(RESTART_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!stopping) {
      launch(name);
    }
  }

  private List<String> command(String name) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(SplitStack::isForParts)
        .forEach(command::add);
    command.addAll(
        List.of(
            // What a start leaves behind is not kept for ever: the heap grows with the work. Its
            // young
            // part begins larger than a third of it, since requests leave little behind.
            "-Xms64m",
            "-XX:NewSize=32m",
            "-Xmx" + (name.equals("task-service") ? "512m" : "320m"),
            "-cp",
            System.getProperty("java.class.path"),
            "io.agentmanager.local.Am",
            "part",
            name,
            "--data",
            folder.root().toString(),
            "--port",
            Integer.toString(port)));
    return command;
  }

  /** Options of this JVM that its parts get too, so that the AOT cache serves them as well. */
  private static boolean isForParts(String option) {
    return option.startsWith("-XX:") || option.startsWith("--") || option.startsWith("-Xlog:");
  }

  private void run(Part server) throws IOException {
    postgres = server;
    Files.writeString(folder.pid(Parts.POSTGRES), postmaster() + "\n");
  }

  private long postmaster() throws IOException {
    Path file = folder.postgres().resolve("postmaster.pid");
    return Long.parseLong(Files.readAllLines(file).getFirst().strip());
  }

  private void watchPostgres() {
    try {
      while (!stopping) {
        Thread.sleep(LOOK);
        long pid = Long.parseLong(Files.readString(folder.pid(Parts.POSTGRES)).strip());
        if (!stopping && !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
          log.warn("PostgreSQL ended and is started again");
          startPostgresAgain();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The backends of a killed postmaster hold its shared memory for a moment. */
  private void startPostgresAgain() throws InterruptedException {
    while (!stopping) {
      Thread.sleep(RESTART_PAUSE);
      try {
        run(Parts.postgresAgain(folder));
        return;
      } catch (Exception e) {
        log.warn("PostgreSQL does not start yet: {}", e.toString());
      }
    }
  }

  private void awaitReady(String name) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(Parts.healthUrl(name, folder, port)))
            .timeout(Duration.ofSeconds(5))
            .build();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady(request)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            name + " did not become ready; see " + folder.logs().resolve(name + ".log"));
      }
      Thread.sleep(LOOK);
    }
  }

  private boolean isReady(HttpRequest request) throws InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }

  private void terminate(String name) {
    Process process = processes.get(name);
    if (process != null) {
      process.destroy();
    }
  }

  private void awaitEnd(String name) {
    Process process = processes.get(name);
    try {
      if (process != null && !process.waitFor(STOP_SEC, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(folder.pid(name));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.warn("could not remove the pid file of {}", name, e);
    }
  }
}
