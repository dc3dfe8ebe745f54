package io.agentmanager.examples.plain;

import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.nio.file.Path;

/** The least that is a worker: plain code for one capability. */
final class PlainWorker {
  private PlainWorker() {}

  static Worker.Builder worker(WorkerConfig config) {
    return Worker.builder(config)
        .handler("greeter", step -> Outcome.completed("Hello, " + step.input("name") + "!"));
  }

  /** Runs until the process is asked to stop. */
  public static void main(String[] args) throws InterruptedException {
    worker(WorkerConfig.read(Path.of("mcp_client_config.json"))).run();
  }
}
