package io.agentmanager.local;

import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.Part;
import io.agentmanager.local.stack.Parts;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs one part of a split stack in this process; {@code up --split} calls it. */
@Command(name = "part", hidden = true)
final class PartCommand implements Callable<Integer> {
  @Parameters(index = "0")
  private String name = "";

  @Option(names = "--data", required = true)
  private Path data = Path.of(".agentmanager");

  @Option(names = "--port", required = true)
  private int port;

  @Override
  public Integer call() throws Exception {
    DataFolder folder = DataFolder.open(data);
    Logs.to(folder, name);
    CountDownLatch stopped = new CountDownLatch(1);
    Part part = Parts.start(name, folder, port);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  part.close();
                  stopped.countDown();
                },
                "stop"));
    stopWithParent();
    stopped.await();
    return 0;
  }

  /** A part outlives its launcher by nothing: it must not hold ports that nobody knows of. */
  private static void stopWithParent() {
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(0)));
  }
}
