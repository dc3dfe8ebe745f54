package io.agentmanager.worker;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepResult;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what was claimed, each attempt on a virtual thread of its own and in one of the worker's
 * slots, from the claim to the server's answer to its result.
 */
final class StepRuns {
  private static final Logger log = LoggerFactory.getLogger(StepRuns.class);
  private final WorkerConfig config;
  private final Map<String, StepHandler> handlers;
  private final GatewayClient gateway;
  private final Heart heart;
  private final ResultSender results;
  private final Telemetry telemetry;
  private final OsFileLocks fileLocks;
  private final Semaphore slots;

  StepRuns(
      WorkerConfig config,
      Map<String, StepHandler> handlers,
      GatewayClient gateway,
      Heart heart,
      ResultSender results,
      Telemetry telemetry) {
    this.config = config;
    this.handlers = handlers;
    this.gateway = gateway;
    this.heart = heart;
    this.results = results;
    this.telemetry = telemetry;
    this.fileLocks = new OsFileLocks(config.workspaceFolder());
    this.slots = new Semaphore(config.parallel());
  }

  /** Whoever claims takes a slot first, and gives it back when it gets no step. */
  Semaphore slots() {
    return slots;
  }

  /** Whether all slots are free within a time: nothing runs any more. */
  boolean isDrained(Duration atMost) throws InterruptedException {
    return slots.tryAcquire(config.parallel(), atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Begins tasks that hold a slot each. All of them are known before the first one ends, so that
   * their results can go together.
   *
   * @param claimSent when they were asked for ({@link System#nanoTime})
   */
  void begin(List<ClaimedTask> tasks, long claimSent) {
    List<Attempt> attempts;
    try {
      attempts = tasks.stream().map(this::attempt).toList();
    } catch (RuntimeException e) {
      slots.release(tasks.size());
      throw e;
    }
    attempts.forEach(attempt -> heart.begin(attempt, claimSent));
    attempts.forEach(
        attempt ->
            Thread.ofVirtual()
                .name("attempt-" + attempt.ref().stepId())
                .start(() -> finish(attempt)));
  }

  private Attempt attempt(ClaimedTask task) {
    AttemptFiles files = new AttemptFiles(gateway, config.clientAgentId(), task, fileLocks);
    AttemptServer server = new AttemptServer(gateway, task, files);
    StepContext context = new StepContext(task, server, server::post, SteadyClock.begun());
    StepHandler handler =
        handlers.getOrDefault(
            task.assignedAgent(),
            step -> Outcome.failed("no_handler", "no handler for " + task.assignedAgent()));
    return new Attempt(context, files, handler, config.clientAgentId(), telemetry.spans());
  }

  private static StepResult result(Attempt attempt) {
    try {
      return attempt.run();
    } catch (RuntimeException e) {
      log.error("{} went wrong", attempt.ref(), e);
      return attempt.broken(e);
    }
  }

  private void finish(Attempt attempt) {
    String capability = attempt.capability();
    long began = System.nanoTime();
    telemetry.listener().began(capability);
    try {
      StepResult result = result(attempt);
      // A failure of what was stopped is nobody's: the step was lost, cancelled, or goes back.
      boolean counts = !attempt.isStopped() || result.status() != ResultStatus.FAILED;
      telemetry
          .listener()
          .ended(
              capability,
              counts ? result.status().name().toLowerCase(Locale.ROOT) : "stopped",
              Duration.ofNanos(System.nanoTime() - began));
      if (counts) {
        // While this waits, heartbeats still list the attempt, so that its lease lives.
        results.send(attempt, result);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      heart.end(attempt);
      slots.release();
    }
  }
}
