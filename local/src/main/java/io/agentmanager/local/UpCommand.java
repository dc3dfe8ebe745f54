package io.agentmanager.local;

import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.LocalStack;
import io.agentmanager.local.stack.SplitStack;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts the local stack and keeps it running. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = "Starts everything on this machine and keeps it running until Ctrl-C.")
final class UpCommand implements Callable<Integer> {
  @Option(names = "--port", defaultValue = "8080", description = "port of the gateway (8080)")
  private int port;

  @Option(
      names = "--data",
      defaultValue = ".agentmanager",
      description = "folder for all data (.agentmanager)")
  private Path data = Path.of(".agentmanager");

  @Option(names = "--split", description = "one process for each service, restarted when it dies")
  private boolean split;

  @Option(names = "--no-worker", description = "start no built-in worker")
  private boolean noWorker;

  @Override
  public Integer call() throws Exception {
    DataFolder folder = DataFolder.open(data);
    Logs.to(folder, "local");
    CountDownLatch stopped = new CountDownLatch(1);
    try (AutoCloseable stack =
        split
            ? SplitStack.start(folder, port, !noWorker)
            : LocalStack.start(folder, port, !noWorker)) {
      Thread hook = new Thread(() -> stop(stack, stopped), "stop");
      Runtime.getRuntime().addShutdownHook(hook);
      System.out.println("AgentManager ready at http://localhost:" + port);
      System.out.flush();
      stopped.await();
    }
    return 0;
  }

  private static void stop(AutoCloseable stack, CountDownLatch stopped) {
    try {
      stack.close();
    } catch (Exception e) {
      System.err.println("stopping failed: " + e.getMessage());
    } finally {
      stopped.countDown();
    }
  }
}
