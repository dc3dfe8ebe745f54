package io.agentmanager.worker;

import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.Spans;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends results until the server has answered each. What gathers while one call is under way goes
 * with the next, so that many small steps do not cost a call each, and a lone one does not wait;
 * where others run beside it, it waits for them, a millisecond at most.
 */
final class ResultSender {
  private static final Logger log = LoggerFactory.getLogger(ResultSender.class);
  private static final int MOST = 100;
  private static final int LARGEST_BATCH = 4 * 1024 * 1024;
  private static final int FIRST_ERROR = 400;
  private static final Set<Integer> OF_CONTENT = Set.of(400, 413, 422);
  private static final String INVALID_RESULT = "invalid_result";
  private static final int LONGEST_REASON = 2_000;
  private static final Duration LINGER = Duration.ofMillis(1);
  private static final int LOOKS = 4;

  private final GatewayClient gateway;
  private final IntSupplier running;
  private final Telemetry telemetry;
  private final @Nullable ResultSpool spool;
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private @Nullable Thread thread;

  /**
   * Sends for a worker.
   *
   * @param running how many of its attempts have no answer yet
   * @param spool keeps results until they are answered; null keeps them in memory alone
   */
  ResultSender(
      GatewayClient gateway,
      IntSupplier running,
      Telemetry telemetry,
      @Nullable ResultSpool spool) {
    this.gateway = gateway;
    this.running = running;
    this.telemetry = telemetry;
    this.spool = spool;
  }

  private record Waiting(
      Attempt attempt, StepResult result, int size, CompletableFuture<Boolean> answered) {

    /** A failure in place of a result that the server takes from nobody. */
    Waiting invalid(String why) {
      StepResult failed =
          new StepResult(
              result.workflowId(),
              result.stepId(),
              result.clientId(),
              result.attempt(),
              ResultStatus.FAILED,
              new RaHistory(null, null, attempt.capability()),
              result.executionTime(),
              new StepError(
                  INVALID_RESULT, "The server does not take the result: " + why, Boolean.FALSE));
      return new Waiting(
          attempt, failed, WireJson.mapper().writeValueAsBytes(failed).length, answered);
    }

    boolean isInvalid() {
      return result.error() != null && INVALID_RESULT.equals(result.error().type());
    }
  }

  void start() {
    thread = Thread.ofVirtual().name("results").start(this::run);
  }

  void stop() {
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Returns when the server has accepted or refused the result, or the attempt was stopped. */
  void send(Attempt attempt, StepResult result) throws InterruptedException {
    byte[] json = WireJson.mapper().writeValueAsBytes(result);
    Waiting waiting = new Waiting(attempt, result, json.length, new CompletableFuture<>());
    if (spool != null) {
      spool.keep(attempt.ref(), json);
    }
    queue.add(waiting);
    try {
      boolean unused = waiting.answered().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    if (spool != null) {
      spool.forget(attempt.ref());
    }
  }

  private void run() {
    List<Waiting> again = List.of();
    int failures = 0;
    try {
      while (true) {
        List<Waiting> batch = gather(again);
        again = postSafely(batch);
        failures = again.isEmpty() ? 0 : failures + 1;
        if (failures > 0) {
          Thread.sleep(Pauses.after(failures));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Waiting> gather(List<Waiting> again) throws InterruptedException {
    List<Waiting> batch = new ArrayList<>(again);
    if (batch.isEmpty()) {
      batch.add(queue.take());
      awaitOthers();
    }
    int size = batch.stream().mapToInt(Waiting::size).sum();
    Waiting next = queue.peek();
    while (next != null && batch.size() < MOST && size + next.size() <= LARGEST_BATCH) {
      batch.add(queue.remove());
      size += next.size();
      next = queue.peek();
    }
    batch.removeIf(ResultSender::isStopped);
    return batch;
  }

  /** Steps that were handed out together often end together; nobody waits where none other runs. */
  private void awaitOthers() throws InterruptedException {
    long until = System.nanoTime() + LINGER.toNanos();
    while (1 + queue.size() < running.getAsInt() && System.nanoTime() < until) {
      Thread.sleep(LINGER.dividedBy(LOOKS));
    }
  }

  private static String cut(String text) {
    return Sendable.cut(text, LONGEST_REASON);
  }

  private static boolean isStopped(Waiting waiting) {
    return waiting.attempt().isStopped() && waiting.answered().complete(Boolean.FALSE);
  }

  /** An answer that cannot be understood is none: the results are sent again. */
  private List<Waiting> postSafely(List<Waiting> batch) throws InterruptedException {
    try {
      return post(batch);
    } catch (RuntimeException e) {
      log.error("{} results wait: their answer went wrong", batch.size(), e);
      return batch.stream().filter(waiting -> !waiting.answered().isDone()).toList();
    }
  }

  /** Returns those that must be sent again. */
  private List<Waiting> post(List<Waiting> batch) throws InterruptedException {
    if (batch.isEmpty()) {
      return List.of();
    }
    List<BatchAnswer.Item> answers;
    try {
      answers = postWithin(batch);
    } catch (GatewayClient.Refused e) {
      if (e.isPassing() || e.isOfTheToken()) {
        log.warn("{} results wait: {}", batch.size(), e.getMessage());
        return batch;
      }
      log.warn("{} results were refused: {}", batch.size(), e.getMessage());
      if (batch.size() > 1) {
        List<Waiting> singly = new ArrayList<>();
        for (Waiting waiting : batch) {
          singly.addAll(post(List.of(waiting)));
        }
        return singly;
      }
      Waiting refused = batch.getFirst();
      if (OF_CONTENT.contains(e.status()) && !refused.isInvalid()) {
        return List.of(refused.invalid(cut(String.valueOf(e.getMessage()))));
      }
      telemetry.listener().refused();
      refused.answered().complete(Boolean.FALSE);
      return List.of();
    } catch (IOException e) {
      log.warn("{} results wait: {}", batch.size(), e.toString());
      return batch;
    }
    return judge(batch, answers);
  }

  private List<BatchAnswer.Item> postWithin(List<Waiting> batch)
      throws IOException, InterruptedException {
    List<@Nullable String> places = new ArrayList<>();
    batch.forEach(waiting -> places.add(waiting.attempt().place()));
    try {
      return telemetry
          .spans()
          .<List<BatchAnswer.Item>, Exception>together(
              places,
              "send_results",
              Spans.Kind.CLIENT,
              Map.of(),
              span -> gateway.post(batch.stream().map(Waiting::result).toList()));
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Waiting> judge(List<Waiting> batch, List<BatchAnswer.Item> answers) {
    List<Waiting> again = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Waiting waiting = batch.get(i);
      BatchAnswer.Item answer = answers.get(i);
      if (GatewayClient.isPassing(answer.status())) {
        again.add(waiting);
        continue;
      }
      if (OF_CONTENT.contains(answer.status()) && !waiting.isInvalid()) {
        // Else the step would be given back and be run again, to the same end.
        String why = answer.problem() == null ? "" : answer.problem().toString();
        log.warn("the result of {} is not taken: {}", waiting.attempt().ref(), why);
        again.add(waiting.invalid(cut(why)));
        continue;
      }
      if (answer.status() >= FIRST_ERROR) {
        String why = answer.problem() == null ? "" : String.valueOf(answer.problem().detail());
        log.warn("the result of {} was refused: {}", waiting.attempt().ref(), why);
        telemetry.listener().refused();
      }
      waiting.answered().complete(answer.status() < FIRST_ERROR);
    }
    return again;
  }
}
