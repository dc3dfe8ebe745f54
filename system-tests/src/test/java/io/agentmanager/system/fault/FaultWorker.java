package io.agentmanager.system.fault;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A worker in a process of its own. It notes each attempt that it begins in a file, so that an
 * attempt that ran twice is seen whatever the server believes.
 */
public final class FaultWorker {
  private FaultWorker() {}

  /** Arguments: gateway, token file, name, slots, log file. */
  public static void main(String[] args) throws Exception {
    Path log = Path.of(args[4]);
    WorkerConfig config =
        new WorkerConfig(
            args[2],
            URI.create(args[0]),
            Files.readString(Path.of(args[1])).strip(),
            2,
            Integer.parseInt(args[3]),
            List.of("fault"),
            null,
            null,
            5,
            null,
            null,
            null);
    Worker worker = Worker.builder(config).handler("fault", step -> run(step, log)).start();
    Runtime.getRuntime().addShutdownHook(new Thread(worker::close));
    Thread.currentThread().join();
  }

  private static Outcome run(StepContext step, Path log) throws Exception {
    ClaimedTask task = step.task();
    note(log, "BEGIN " + task.workflowId() + " " + task.stepId() + " " + task.attempt());
    JsonNode input = task.input();
    String file = input == null ? "" : input.path("lock").asString("");
    if (!file.isEmpty()) {
      step.lock(file, AccessType.WRITE, Duration.ofSeconds(10));
    }
    Thread.sleep(input == null ? 0 : input.path("ms").asLong(0));
    if (input != null && task.attempt() <= input.path("fail_first").asInt(0)) {
      return Outcome.failed("on_purpose", "the first attempts fail");
    }
    boolean reworked = !task.reworkNotes().isEmpty();
    return Outcome.completed(
        reworked ? "done at length, after a rework" : input != null ? "done" : "");
  }

  private static synchronized void note(Path log, String line) throws IOException {
    Files.write(
        log,
        (line + "\n").getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
