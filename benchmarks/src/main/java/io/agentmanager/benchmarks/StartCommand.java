package io.agentmanager.benchmarks;

import io.agentmanager.benchmarks.Figures.Goal;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.local.Folders;
import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.Parts;
import java.io.BufferedReader;
import java.io.IOException;
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
  private static final Duration TRAINING = Duration.ofSeconds(5);

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

  /** A stack as a user starts it. */
  private record Stack(Process process, DataFolder folder, double seconds)
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

  /**
   * One more process of a service beside those of the stack, with an AOT cache of its own, as an
   * image brings it: the one that the parts of the local stack share loads what all of them need.
   */
  private void measure(String service, Stack stack, Figures figures) throws Exception {
    Alone alone = Alone.beside(stack.folder(), service, folder());
    Path cache = alone.folder().root().resolve("own.aot");
    alone.start("-XX:AOTCacheOutput=" + cache, TRAINING).close();
    double[] seconds = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      boolean last = i == repeats - 1;
      try (Alone.Started started =
          alone.start("-XX:AOTCache=" + cache, last ? Duration.ofSeconds(idle) : Duration.ZERO)) {
        seconds[i] = started.seconds();
        if (last) {
          figures.add(service, "ready", Figures.median(seconds), "s", Goal.atMost(4));
          figures.add(service, "idle, resident", started.resident() / MB, "MB", Goal.atMost(300));
        }
      }
    }
    Folders.delete(alone.folder().root());
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
        return new Stack(process, DataFolder.open(data), seconds);
      }
    }
    throw new IllegalStateException("the stack did not start; see " + data.resolve("logs"));
  }
}
