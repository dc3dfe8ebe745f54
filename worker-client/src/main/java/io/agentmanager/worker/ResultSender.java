package io.agentmanager.worker;

import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.Spans;
import io.agentmanager.worker.ResultQueue.Waiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends results until the server has answered each. What only the way to the server says of a call
 * is no answer to what is in it.
 */
final class ResultSender {
  private static final Logger log = LoggerFactory.getLogger(ResultSender.class);
  private static final int UNAVAILABLE = 503;
  private static final String INVALID_RESULT = "invalid_result";
  private static final int LONGEST_REASON = 2_000;

  private final GatewayClient gateway;
  private final Telemetry telemetry;
  private final @Nullable ResultSpool spool;
  private final ResultQueue queue;
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
    this.queue = new ResultQueue(running);
    this.telemetry = telemetry;
    this.spool = spool;
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
    Waiting waiting = Waiting.of(attempt, result, keep(attempt, result).length);
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
    try {
      for (int failures = 0; ; ) {
        List<Waiting> batch = queue.take();
        if (batch.isEmpty()) {
          continue;
        }
        Came came = post(batch);
        if (came == Came.JUDGED) {
          failures = 0;
        } else if (came == Came.FAILED && batch.getFirst().goesAlone()) {
          // It waits for longer by itself, and keeps the others from little.
          Thread.sleep(Pauses.after(1));
        } else {
          failures++;
          Thread.sleep(Pauses.after(failures));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What came of a call. */
  private enum Came {
    /** The server has judged what was in it. */
    JUDGED,
    /** It failed, perhaps for what was in it. */
    FAILED,
    /** The server is out, for everybody. */
    OUT
  }

  /** An answer that cannot be understood is none. */
  private Came post(List<Waiting> batch) throws InterruptedException {
    try {
      judge(batch, postWithin(batch));
      return Came.JUDGED;
    } catch (Refused e) {
      return Verdict.ofCall(e.status()) == Verdict.INVALID
          ? postSingly(batch, e)
          : sendAgain(batch, e, e.status() == UNAVAILABLE);
    } catch (IOException e) {
      return sendAgain(batch, e, GatewayCalls.isOutage(e));
    } catch (RuntimeException e) {
      log.error("the answer to {} results went wrong", batch.size(), e);
      return sendAgain(batch, e, false);
    }
  }

  private Came sendAgain(List<Waiting> batch, Exception why, boolean isOut) {
    log.warn("{} results wait: {}", batch.size(), why.toString());
    long due = ResultQueue.dueAfter(batch);
    for (Waiting waiting : batch) {
      if (!waiting.answered().isDone()) {
        Waiting later = waiting.failedWithItsCall(isOut, due);
        queue.addAgain(later);
      }
    }
    return isOut ? Came.OUT : Came.FAILED;
  }

  /** A call that was refused for what it holds says so of one result only when it holds one. */
  private Came postSingly(List<Waiting> batch, Refused refusal) throws InterruptedException {
    if (batch.size() == 1) {
      invalid(batch.getFirst(), String.valueOf(refusal.getMessage()));
      return Came.JUDGED;
    }
    Came last = Came.JUDGED;
    for (Waiting waiting : batch) {
      Came came = post(List.of(waiting));
      last = came == Came.JUDGED ? last : came;
    }
    return last;
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

  private void judge(List<Waiting> batch, List<BatchAnswer.Item> answers) {
    long due = ResultQueue.dueAfter(batch);
    for (int i = 0; i < batch.size(); i++) {
      Waiting waiting = batch.get(i);
      BatchAnswer.Item answer = answers.get(i);
      String why = answer.problem() == null ? "" : answer.problem().toString();
      switch (Verdict.ofResult(answer.status())) {
        case TAKEN -> waiting.answered().complete(Boolean.TRUE);
        case AGAIN -> queue.addAgain(waiting.notJudged(due));
        case INVALID -> invalid(waiting, why);
        case STALE -> refused(waiting, why);
        case UNKNOWN -> {
          setAside(waiting);
          refused(waiting, why);
        }
      }
    }
  }

  /** Else the step would be given back and be run again, to the same end. */
  private void invalid(Waiting waiting, String why) {
    if (isInvalid(waiting.result())) {
      refused(waiting, why);
      return;
    }
    log.warn("the result of {} is not taken: {}", waiting.attempt().ref(), why);
    setAside(waiting);
    StepResult failure = failure(waiting, Sendable.cut(why, LONGEST_REASON));
    byte[] json = keep(waiting.attempt(), failure);
    queue.addAgain(waiting.replacedBy(failure, json.length));
  }

  /** A failure in place of a result that the server takes from nobody. */
  private static StepResult failure(Waiting waiting, String why) {
    StepResult result = waiting.result();
    return new StepResult(
        result.workflowId(),
        result.stepId(),
        result.clientId(),
        result.attempt(),
        ResultStatus.FAILED,
        new RaHistory(null, null, waiting.attempt().capability()),
        result.executionTime(),
        new StepError(
            INVALID_RESULT, "The server does not take the result: " + why, Boolean.FALSE));
  }

  private static boolean isInvalid(StepResult result) {
    return result.error() != null && INVALID_RESULT.equals(result.error().type());
  }

  private byte[] keep(Attempt attempt, StepResult result) {
    byte[] json = WireJson.mapper().writeValueAsBytes(result);
    if (spool != null) {
      spool.keep(attempt.ref(), json);
    }
    return json;
  }

  private void setAside(Waiting waiting) {
    if (spool != null) {
      spool.setAside(waiting.result());
    }
  }

  private void refused(Waiting waiting, String why) {
    log.warn("the result of {} was refused: {}", waiting.attempt().ref(), why);
    telemetry.listener().refused();
    waiting.answered().complete(Boolean.FALSE);
  }
}
