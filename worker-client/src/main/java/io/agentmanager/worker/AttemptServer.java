package io.agentmanager.worker;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepFinalResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one attempt asks of the server while it runs. */
final class AttemptServer {
  private static final Logger log = LoggerFactory.getLogger(AttemptServer.class);
  private final GatewayClient gateway;
  private final ClaimedTask task;
  private final AttemptFiles files;

  AttemptServer(GatewayClient gateway, ClaimedTask task, AttemptFiles files) {
    this.gateway = gateway;
    this.task = task;
    this.files = files;
  }

  void post(List<Iteration> iterations) throws IOException, InterruptedException {
    gateway.post(task, iterations);
  }

  /** Text that does not arrive is no loss: the iteration brings it whole. */
  void show(int index, String text) {
    try {
      gateway.show(task, index, text);
    } catch (IOException e) {
      log.debug("text of {} was not shown: {}", task.stepId(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  String result(String step) throws IOException, InterruptedException {
    StepFinalResult result = gateway.result(task.workflowId(), step);
    return result.finalResult() == null ? "" : result.finalResult();
  }

  HeldFile lock(String path, AccessType access, Duration atMost)
      throws IOException, InterruptedException {
    return files.take(path, access, atMost);
  }
}
