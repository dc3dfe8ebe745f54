package io.agentmanager.worker.cli;

import io.agentmanager.worker.ConfigFile;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a worker until SIGTERM or Ctrl-C, then drains it. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    description = "Runs an outside worker with the built-in agent.")
public final class WorkerCommand implements Callable<Integer> {
  private static final int BAD_CONFIGURATION = 2;
  private static final int TOUCH_SEC = 10;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "mcp_client_config.json")
  private Path config = Path.of("mcp_client_config.json");

  @Option(
      names = "--alive-file",
      paramLabel = "FILE",
      description = "Touched every few seconds while the worker works; AliveProbe looks at it.")
  private @Nullable Path alive;

  /** Runs the command line. */
  public static void main(String[] args) {
    WorkerLogging.configure(System.getenv());
    System.exit(new CommandLine(new WorkerCommand()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    Worker worker;
    try {
      ConfigFile file = ConfigFile.read(config);
      AgentSettings.unknown(file)
          .forEach(key -> System.err.println(config + ": nothing reads the key " + key));
      worker = AgentWorker.start(WorkerConfig.of(file), AgentSettings.of(file), System::getenv);
    } catch (IllegalArgumentException | IllegalStateException | IOException e) {
      System.err.println("The worker cannot start: " + e.getMessage());
      return BAD_CONFIGURATION;
    }
    CountDownLatch stopped = new CountDownLatch(1);
    Thread drain =
        new Thread(
            () -> {
              worker.close();
              stopped.countDown();
            },
            "drain");
    Runtime.getRuntime().addShutdownHook(drain);
    do {
      if (alive != null && worker.isBeating()) {
        AliveFile.touch(alive);
      }
    } while (!stopped.await(TOUCH_SEC, TimeUnit.SECONDS));
    return 0;
  }
}
