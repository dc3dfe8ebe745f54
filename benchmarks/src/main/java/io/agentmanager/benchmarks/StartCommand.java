package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.local.Folders;
import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.Parts;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long a start takes, and how much memory a stack takes that does nothing. */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "Measures how soon the local stack and each service are ready, and their memory.")
final class StartCommand implements Callable<Integer> {
  private static final String STACK = "stack";
  private static final double MB = 1e6;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final int OK = 200;
  private static final long NONE = -1;

  @Option(names = "--repeats", defaultValue = "3", description = "repeats (3)")
  private int repeats;

  @Option(
      names = "--idle",
      defaultValue = "20",
      description = "seconds of idleness before memory is read (20)")
  private int idle;

  @Option(
      names = "--out",
      defaultValue = "bench",
      description = "folder for start.json and start.html (bench)")
  private Path out = Path.of("bench");

  private final HttpClient http = HttpClient.newHttpClient();

  /** A stack as a user starts it. */
  private record Stack(Process process, DataFolder folder, int port, double seconds)
      implements AutoCloseable {
    /** With PostgreSQL, whose parent is nobody here. */
    long proportional() throws IOException {
      Path postmaster = folder.root().resolve("postgres").resolve("postmaster.pid");
      long postgres = Long.parseLong(Files.readAllLines(postmaster).getFirst().strip());
      return Proc.proportional(process.toHandle())
          + ProcessHandle.of(postgres).map(Proc::proportional).orElse(0L);
    }

    @Override
    public void close() throws InterruptedException {
      process.destroy();
      process.waitFor();
    }
  }

  @Override
  public Integer call() throws Exception {
    Figures figures = new Figures();
    // The launcher builds what is missing; that is no part of a start.
    Path unused = folder();
    up(unused).close();
    Folders.delete(unused);
    System.out.println("Starting the local stack " + 2 * repeats + " times ...");
    double[] fresh = new double[repeats];
    double[] again = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      Path data = folder();
      try (Stack stack = up(data)) {
        fresh[i] = stack.seconds();
      }
      try (Stack stack = up(data)) {
        again[i] = stack.seconds();
        if (i == repeats - 1) {
          Thread.sleep(Duration.ofSeconds(idle));
          figures.add(
              STACK,
              "idle, proportional set size",
              stack.proportional() / MB,
              "MB",
              Goal.atMost(1_300));
        }
      }
      Folders.delete(data);
    }
    figures.add(STACK, "ready in an empty folder", Figures.median(fresh), "s", Goal.atMost(12));
    figures.add(STACK, "ready again", Figures.median(again), "s", Goal.atMost(12));
    System.out.println("Starting each service " + repeats + " times ...");
    Path data = folder();
    try (Stack stack = up(data, "--split")) {
      for (String service : Parts.SERVICES) {
        measure(service, stack, figures);
      }
    }
    Folders.delete(data);
    Report report = new Report(figures, Map.of());
    System.out.println(report.table());
    Files.createDirectories(out);
    Files.writeString(out.resolve("start.json"), report.json());
    Files.writeString(out.resolve("start.html"), report.html());
    return 0;
  }

  private static Path folder() throws IOException {
    return Files.createTempDirectory("agentmanager-start");
  }

  private void measure(String service, Stack stack, Figures figures) throws Exception {
    double[] seconds = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      seconds[i] = restart(service, stack);
    }
    Thread.sleep(Duration.ofSeconds(idle));
    figures.add(service, "ready", Figures.median(seconds), "s", Goal.atMost(4));
    figures.add(
        service, "idle, resident", Proc.resident(pid(service, stack)) / MB, "MB", Goal.atMost(300));
  }

  /** The launcher, as a user calls it, until it says that the stack is ready. */
  private static Stack up(Path data, String... options) throws IOException {
    int port = FreePorts.next();
    Path launcher = Path.of(System.getProperty("am.home"), "am");
    ProcessBuilder command =
        new ProcessBuilder(
            launcher.toString(), "up", "--data", data.toString(), "--port", String.valueOf(port));
    command.command().addAll(List.of(options));
    command.redirectError(ProcessBuilder.Redirect.DISCARD);
    long began = System.nanoTime();
    Process process = command.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop"));
    BufferedReader output = process.inputReader();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("AgentManager ready")) {
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Stack(process, DataFolder.open(data), port, seconds);
      }
    }
    throw new IllegalStateException("the stack did not start; see " + data.resolve("logs"));
  }

  /** Kills a service, which is started again, and returns how long its process took. */
  private double restart(String service, Stack stack) throws Exception {
    long before = pid(service, stack);
    ProcessHandle.of(before).ifPresent(ProcessHandle::destroyForcibly);
    HttpRequest health =
        HttpRequest.newBuilder(URI.create(Parts.healthUrl(service, stack.folder(), stack.port())))
            .timeout(Duration.ofSeconds(1))
            .build();
    long end = System.nanoTime() + PATIENCE.toNanos();
    long began = 0;
    while (began == 0 || !isReady(health)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(service + " did not come back");
      }
      Thread.sleep(LOOK);
      long now = pid(service, stack);
      if (began == 0 && now != before && now != NONE) {
        began = System.nanoTime();
      }
    }
    return (System.nanoTime() - began) / 1e9;
  }

  private boolean isReady(HttpRequest health) throws InterruptedException {
    try {
      return http.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }

  /** {@link #NONE} while the file is being written. */
  private static long pid(String service, Stack stack) throws IOException {
    String pid = Files.readString(stack.folder().pid(service)).strip();
    return pid.isEmpty() ? NONE : Long.parseLong(pid);
  }
}
