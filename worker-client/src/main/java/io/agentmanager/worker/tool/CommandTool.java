package io.agentmanager.worker.tool;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import io.agentmanager.worker.agent.NotRepeatable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs that the operator allows, each as {@code git} or, with its first arguments fixed,
 * as {@code git log}. There is no shell: nothing in an argument has a meaning of its own. A program
 * runs in a folder of the workspace, sees nothing of the worker's environment but {@code PATH},
 * {@code HOME} and {@code LANG}, and is killed with all that it started when its time is over.
 *
 * <p>What an allowed program can be told to do by its arguments, it can do: allow none that runs
 * others, such as {@code find} or {@code env}.
 */
public final class CommandTool {
  private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG");
  private static final int CHUNK = 8_192;
  private static final long AFTER_THE_KILL_SEC = 5;
  private final Workspace workspace;
  private final List<List<String>> allowed;
  private final Duration atMost;
  private final int mostOutput;

  /**
   * Allows these commands.
   *
   * @param atMost how long one may run
   * @param mostOutput bytes of output that are kept; the rest is thrown away
   */
  public CommandTool(Workspace workspace, List<String> allowed, Duration atMost, int mostOutput) {
    this.workspace = workspace;
    this.allowed =
        allowed.stream().map(command -> Arrays.asList(command.strip().split("\\s+", -1))).toList();
    this.atMost = atMost;
    this.mostOutput = mostOutput;
  }

  /** Runs a program and returns its exit code and output. */
  @NotRepeatable
  @Tool(
      name = "run_command",
      value = "Runs an allowed program without a shell; returns its exit code and output")
  public String runCommand(
      @P(name = "command", value = "the program and its arguments, one by one")
          List<String> command,
      @P(
              name = "directory",
              value = "folder relative to the workspace; absent means its root",
              required = false)
          @Nullable String directory)
      throws IOException, InterruptedException {
    if (allowed.stream().noneMatch(start -> begins(command, start))) {
      throw new IOException(
          "the command is not among those that the worker allows: "
              + allowed.stream().map(start -> String.join(" ", start)).toList());
    }
    Path folder = workspace.existing(directory == null ? "." : directory);
    if (!Files.isDirectory(folder)) {
      throw new IOException(directory + " is no folder");
    }
    return run(command, folder);
  }

  private static boolean begins(List<String> command, List<String> start) {
    return command.size() >= start.size() && command.subList(0, start.size()).equals(start);
  }

  private String run(List<String> command, Path folder) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(INHERITED);
    Process process = builder.start();
    process.getOutputStream().close();
    FutureTask<Output> reading = new FutureTask<>(() -> read(process.getInputStream()));
    Thread unused = Thread.ofVirtual().name("command-output").start(reading);
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        kill(process);
        return "error: it ran longer than " + atMost + " and was killed\n" + text(reading);
      }
      return "exit code " + process.exitValue() + "\n" + text(reading);
    } finally {
      kill(process);
    }
  }

  private static void kill(Process process) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** Of a program that left others behind which hold its output, what it had written. */
  private String text(FutureTask<Output> reading) throws InterruptedException {
    try {
      return reading.get(AFTER_THE_KILL_SEC, TimeUnit.SECONDS).text(mostOutput);
    } catch (ExecutionException | TimeoutException e) {
      return "[its output cannot be read]";
    }
  }

  private record Output(byte[] kept, long all) {
    String text(int most) {
      String text = new String(kept, StandardCharsets.UTF_8);
      return all <= kept.length
          ? text
          : text + "\n[... the first " + most + " of " + all + " bytes of output]";
    }
  }

  private Output read(InputStream output) throws IOException {
    byte[] kept = output.readNBytes(mostOutput);
    long all = kept.length;
    byte[] rest = new byte[CHUNK];
    for (int n = output.read(rest); n >= 0; n = output.read(rest)) {
      all += n;
    }
    return new Output(kept, all);
  }
}
