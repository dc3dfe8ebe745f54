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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends results until the server has answered each. What gathers while one call is under way goes
 * with the next, so that many small steps do not cost a call each, and a lone one does not wait;
 * where others run beside it, it waits for them, a millisecond at most. A result at which calls
 * fail again and again goes alone.
 */
final class ResultSender {
  private static final Logger log = LoggerFactory.getLogger(ResultSender.class);
  private static final int MOST = 100;
  private static final int LARGEST_BATCH = 4 * 1024 * 1024;
  private static final int FAILURES_TOGETHER = 3;
  private static final String INVALID_RESULT = "invalid_result";
  private static final int LONGEST_REASON = 2_000;
  private static final Duration LINGER = Duration.ofMillis(1);
  private static final int LOOKS = 4;

  private final GatewayClient gateway;
  private final IntSupplier running;
  private final Telemetry telemetry;
  private final @Nullable ResultSpool spool;
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final Queue<Waiting> again = new PriorityQueue<>(Comparator.comparingLong(Waiting::due));
  private boolean lastWentAlone;
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

  /**
   * A result until it is answered.
   *
   * @param failures to bring it to be judged
   * @param goesAlone whether calls with it failed so often that it must hold up no other
   * @param due when it is sent next, by {@link System#nanoTime}
   */
  private record Waiting(
      Attempt attempt,
      StepResult result,
      int size,
      CompletableFuture<Boolean> answered,
      int failures,
      boolean goesAlone,
      long due) {

    static Waiting of(Attempt attempt, StepResult result, int size) {
      return new Waiting(
          attempt, result, size, new CompletableFuture<>(), 0, false, System.nanoTime());
    }

    /** After a call that failed, whatever else was in it. */
    Waiting failedWithItsCall() {
      return later(failures + 1 >= FAILURES_TOGETHER);
    }

    /** After an answer to its call that did not judge it: it costs the others nothing. */
    Waiting notJudged() {
      return later(false);
    }

    private Waiting later(boolean alone) {
      long pause = Pauses.after(failures + 1).toNanos();
      return new Waiting(
          attempt, result, size, answered, failures + 1, alone, System.nanoTime() + pause);
    }

    boolean isDue() {
      return due - System.nanoTime() <= 0;
    }

    /** A failure in place of a result that the server takes from nobody. */
    StepResult failure(String why) {
      return new StepResult(
          result.workflowId(),
          result.stepId(),
          result.clientId(),
          result.attempt(),
          ResultStatus.FAILED,
          new RaHistory(null, null, attempt.capability()),
          result.executionTime(),
          new StepError(
              INVALID_RESULT, "The server does not take the result: " + why, Boolean.FALSE));
    }

    Waiting replacedBy(StepResult other, int length) {
      return new Waiting(attempt, other, length, answered, 0, false, System.nanoTime());
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
        List<Waiting> batch = gather();
        boolean failed = !batch.isEmpty() && !isAnswered(batch);
        failures = failed ? failures + 1 : 0;
        if (failed) {
          // What failed alone waits for longer by itself, and keeps the others from little.
          Thread.sleep(Pauses.after(batch.getFirst().goesAlone() ? 1 : failures));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Waiting> gather() throws InterruptedException {
    again.removeIf(ResultSender::isStopped);
    Waiting first = first();
    if (first == null) {
      return List.of();
    }
    List<Waiting> batch = new ArrayList<>(List.of(first));
    lastWentAlone = first.goesAlone();
    if (!lastWentAlone) {
      awaitOthers();
      fill(batch);
    }
    batch.removeIf(ResultSender::isStopped);
    return batch;
  }

  /**
   * The next result; none when there was none until one became due again. Of what goes alone, one
   * comes between others at most.
   */
  private @Nullable Waiting first() throws InterruptedException {
    Waiting next = again.peek();
    if (next == null) {
      return queue.take();
    }
    if (!next.isDue() || (lastWentAlone && next.goesAlone() && !queue.isEmpty())) {
      return queue.poll(next.due() - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
    return again.remove();
  }

  private void fill(List<Waiting> batch) {
    int size = batch.getFirst().size();
    Queue<Waiting> from = nextPlace();
    Waiting next = from.peek();
    while (next != null && batch.size() < MOST && size + next.size() <= LARGEST_BATCH) {
      batch.add(from.remove());
      size += next.size();
      from = nextPlace();
      next = from.peek();
    }
  }

  /** Where the next of a batch is. */
  private Queue<Waiting> nextPlace() {
    Waiting next = again.peek();
    return next != null && next.isDue() && !next.goesAlone() ? again : queue;
  }

  /** Steps that were handed out together often end together; nobody waits where none other runs. */
  private void awaitOthers() throws InterruptedException {
    long until = System.nanoTime() + LINGER.toNanos();
    while (1 + queue.size() < running.getAsInt() && System.nanoTime() < until) {
      Thread.sleep(LINGER.dividedBy(LOOKS));
    }
  }

  private static boolean isStopped(Waiting waiting) {
    return waiting.attempt().isStopped() && waiting.answered().complete(Boolean.FALSE);
  }

  /** Whether the server judged them. An answer that cannot be understood is none. */
  private boolean isAnswered(List<Waiting> batch) throws InterruptedException {
    try {
      judge(batch, postWithin(batch));
      return true;
    } catch (GatewayClient.Refused e) {
      return isJudged(batch, e);
    } catch (IOException e) {
      log.warn("{} results wait: {}", batch.size(), e.toString());
    } catch (RuntimeException e) {
      log.error("{} results wait: their answer went wrong", batch.size(), e);
    }
    sendAgain(batch);
    return false;
  }

  private void sendAgain(List<Waiting> batch) {
    batch.stream()
        .filter(waiting -> !waiting.answered().isDone())
        .map(Waiting::failedWithItsCall)
        .forEach(again::add);
  }

  /** A call that was refused for what it holds says so of one result only when it holds one. */
  private boolean isJudged(List<Waiting> batch, GatewayClient.Refused refusal)
      throws InterruptedException {
    if (Verdict.ofCall(refusal.status()) != Verdict.INVALID) {
      log.warn("{} results wait: {}", batch.size(), refusal.getMessage());
      sendAgain(batch);
      return false;
    }
    if (batch.size() == 1) {
      invalid(batch.getFirst(), String.valueOf(refusal.getMessage()));
      return true;
    }
    boolean judged = true;
    for (Waiting waiting : batch) {
      judged &= isAnswered(List.of(waiting));
    }
    return judged;
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
    for (int i = 0; i < batch.size(); i++) {
      Waiting waiting = batch.get(i);
      BatchAnswer.Item answer = answers.get(i);
      String why = answer.problem() == null ? "" : answer.problem().toString();
      switch (Verdict.ofResult(answer.status())) {
        case TAKEN -> waiting.answered().complete(Boolean.TRUE);
        case AGAIN -> again.add(waiting.notJudged());
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
    if (waiting.isInvalid()) {
      refused(waiting, why);
      return;
    }
    log.warn("the result of {} is not taken: {}", waiting.attempt().ref(), why);
    setAside(waiting);
    StepResult failure = waiting.failure(Sendable.cut(why, LONGEST_REASON));
    byte[] json = keep(waiting.attempt(), failure);
    again.add(waiting.replacedBy(failure, json.length));
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
