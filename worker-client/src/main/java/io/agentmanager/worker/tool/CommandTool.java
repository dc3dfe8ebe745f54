package io.agentmanager.worker.tool;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import io.agentmanager.worker.agent.NotRepeatable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
  private static final Duration AFTER_THE_KILL = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(20);
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
    CommandOutput output = new CommandOutput(mostOutput);
    Thread reading =
        Thread.ofVirtual()
            .name("command-output")
            .start(() -> output.readAll(process.getInputStream()));
    Set<ProcessHandle> all = new HashSet<>(Set.of(process.toHandle()));
    try {
      boolean ended = await(process, all);
      all.forEach(ProcessHandle::destroyForcibly);
      boolean unused = reading.join(AFTER_THE_KILL);
      return ended
          ? "exit code " + process.exitValue() + "\n" + output.text()
          : "error: it ran longer than " + atMost + " and was killed\n" + output.text();
    } finally {
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Notes whatever it starts meanwhile, which would not be known as its own when it has ended. */
  private boolean await(Process process, Set<ProcessHandle> started) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      process.descendants().forEach(started::add);
      long left = Math.min(end - System.nanoTime(), LOOK.toNanos());
      if (left <= 0) {
        return false;
      }
      if (process.waitFor(left, TimeUnit.NANOSECONDS)) {
        return true;
      }
    }
  }
}
