package io.agentmanager.benchmarks;

import io.agentmanager.embedded.FreePorts;
import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.Parts;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Another process of a service of a running split stack: the same command on the same broker and
 * database, at a port of its own.
 *
 * @param folder like the stack's, but for that port
 * @param command of the process that the stack runs
 */
record Alone(String service, DataFolder folder, int port, List<String> command, Path stack) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final int OK = 200;
  private static final String CACHE = "-XX:AOTCache=";

  /** A running one, and how long it took until it was ready. */
  record Started(Process process, double seconds) implements AutoCloseable {
    long resident() {
      return Proc.resident(process.pid());
    }

    @Override
    public void close() throws InterruptedException {
      process.destroy();
      process.waitFor();
    }
  }

  static Alone beside(DataFolder stack, String service, Path empty) throws IOException {
    Path run = Files.createDirectories(empty.resolve("run"));
    try (Stream<Path> files = Files.list(stack.root().resolve("run"))) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(file.getFileName()));
      }
    }
    Files.copy(stack.token(), empty.resolve("token"));
    int port = FreePorts.next();
    Path ports = run.resolve("ports.properties");
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(ports)) {
      properties.load(reader);
    }
    properties.setProperty(service, Integer.toString(port));
    try (Writer writer = Files.newBufferedWriter(ports)) {
      properties.store(writer, "");
    }
    long pid = Long.parseLong(Files.readString(stack.pid(service)).strip());
    return new Alone(service, DataFolder.open(empty), port, Proc.command(pid), stack.root());
  }

  /**
   * Starts it, and waits until it is ready, and then for as long again as is asked for.
   *
   * @param cache the option that says which AOT cache it reads or writes
   */
  Started start(String cache, Duration idle) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Process process =
        new ProcessBuilder(command(cache))
            .redirectErrorStream(true)
            .redirectOutput(folder.logs().resolve("alone.log").toFile())
            .start();
    HttpRequest health =
        HttpRequest.newBuilder(URI.create(Parts.healthUrl(service, folder, port)))
            .timeout(Duration.ofSeconds(1))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (!isReady(http, health)) {
        if (!process.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
          process.destroyForcibly();
          throw new IllegalStateException(service + " did not start; see " + folder.logs());
        }
        Thread.sleep(LOOK);
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    Thread.sleep(idle);
    return new Started(process, seconds);
  }

  private List<String> command(String cache) {
    List<String> changed =
        new ArrayList<>(
            command.stream()
                .map(word -> word.startsWith(CACHE) ? cache : word)
                .map(word -> word.equals(stack.toString()) ? folder.root().toString() : word)
                .toList());
    changed.set(changed.indexOf("--port") + 1, Integer.toString(port));
    return changed;
  }

  private static boolean isReady(HttpClient http, HttpRequest health) throws InterruptedException {
    try {
      return http.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }
}
