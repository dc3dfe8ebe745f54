package io.agentmanager.worker;

import io.agentmanager.contracts.api.Artefact;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.LogContext;
import io.agentmanager.tracing.Spans;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** One attempt while it runs: the handler's thread, its time limit, and the result it makes. */
final class Attempt {
  private static final Logger log = LoggerFactory.getLogger(Attempt.class);
  private static final double NANOS = 1e9;
  private static final int LARGEST_RESULT = 1024 * 1024;
  private static final int LONGEST_MESSAGE = 2_000;
  private final StepContext context;
  private final AttemptFiles files;
  private final StepHandler handler;
  private final String client;
  private final Spans spans;
  private volatile @Nullable Thread thread;
  private volatile @Nullable String place;
  private volatile long leasedUntil;
  private volatile boolean finished;

  Attempt(
      StepContext context, AttemptFiles files, StepHandler handler, String client, Spans spans) {
    this.spans = spans;
    this.context = context;
    this.files = files;
    this.handler = handler;
    this.client = client;
  }

  AttemptRef ref() {
    ClaimedTask task = context.task();
    return new AttemptRef(task.workflowId(), task.stepId(), task.attempt());
  }

  String capability() {
    return context.task().assignedAgent();
  }

  /** When the lease is over, by {@link System#nanoTime}. */
  long leasedUntil() {
    return leasedUntil;
  }

  void leasedUntil(long nanoTime) {
    leasedUntil = nanoTime;
  }

  boolean isStopped() {
    return context.isStopped();
  }

  /**
   * Whether the work has ended, and its result waits for the server's answer. That of an attempt
   * that was stopped is not sent, and waits for none.
   */
  boolean isFinished() {
    return finished && !context.isStopped();
  }

  /** Stops the work: nobody will take its result. */
  void stop() {
    context.stop();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  /** Runs the handler within the step's time and turns its outcome into a result. */
  StepResult run() {
    ClaimedTask task = context.task();
    return spans.below(
        task.traceparent(),
        "execute_step",
        Spans.Kind.INTERNAL,
        Map.of(
            "agentmanager.workflow.id", task.workflowId(),
            "agentmanager.step.id", task.stepId(),
            "agentmanager.step.capability", task.assignedAgent(),
            "agentmanager.step.attempt", task.attempt()),
        this::run);
  }

  /** Where in a trace the attempt ran, once it does. */
  @Nullable String place() {
    return place;
  }

  private StepResult run(Spans.Open span) {
    place = Spans.place();
    StepResult result = timed();
    span.set("agentmanager.step.status", result.status().name().toLowerCase(Locale.ROOT));
    if (result.error() != null) {
      span.failed(result.error().type());
    }
    return result;
  }

  private StepResult timed() {
    long began = System.nanoTime();
    Outcome outcome = outcome();
    finished = true;
    double seconds = (System.nanoTime() - began) / NANOS;
    StepResult whole = result(outcome, seconds, context.unsent());
    if (size(whole) <= LARGEST_RESULT) {
      return whole;
    }
    // What the server could not be told in time must not cost the result.
    StepResult slim =
        result(outcome, seconds, context.unsent().stream().map(Attempt::brief).toList());
    return size(slim) <= LARGEST_RESULT ? slim : tooLarge(seconds);
  }

  private static int size(StepResult result) {
    return WireJson.mapper().writeValueAsBytes(result).length;
  }

  /** A turn without what is long in it. */
  private static Iteration brief(Iteration turn) {
    Iteration.Action action = turn.action();
    return new Iteration(
        turn.index(),
        turn.thought() == null ? null : cut(turn.thought()),
        action == null ? null : new Iteration.Action(action.tool(), null),
        turn.observation() == null ? null : cut(turn.observation()),
        turn.usage(),
        turn.startedAt(),
        turn.durationMs(),
        turn.end());
  }

  private static String cut(String text) {
    return Sendable.cut(text, LONGEST_MESSAGE);
  }

  private Outcome outcome() {
    Duration limit = context.task().timeout();
    FutureTask<Outcome> work = new FutureTask<>(spans.carried(this::handle));
    Thread worker = Thread.ofVirtual().name("step-" + context.task().stepId()).start(work);
    thread = worker;
    if (context.isStopped()) {
      worker.interrupt();
    }
    try {
      return work.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      work.cancel(true);
      return Outcome.failed("timeout", "The attempt ran longer than " + limit + ".");
    } catch (ExecutionException e) {
      return failure(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      work.cancel(true);
      return Outcome.failed("interrupted", "The worker was stopped.");
    }
  }

  private Outcome handle() throws Exception {
    ClaimedTask task = context.task();
    try (AttemptFiles held = files;
        LogContext log = LogContext.ofStep(task.workflowId(), task.stepId(), task.attempt())) {
      held.takeDeclared();
      return Objects.requireNonNullElseGet(
          handler.handle(context),
          () ->
              Outcome.failedForGood(
                  "no_outcome",
                  "The handler of "
                      + task.assignedAgent()
                      + " returned null; it must return an Outcome."));
    }
  }

  private Outcome failure(Throwable cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    if (cause instanceof InvalidStepException) {
      return Outcome.failedForGood("invalid_step", message);
    }
    if (!context.isStopped()) {
      log.warn("the handler of {} failed", ref(), cause);
    }
    return Outcome.failed(cause.getClass().getSimpleName(), message);
  }

  private StepResult result(Outcome outcome, double seconds, List<Iteration> turns) {
    return switch (outcome) {
      case Outcome.Completed completed ->
          result(
              ResultStatus.COMPLETED,
              history(Sendable.text(completed.result()), turns),
              seconds,
              null,
              null,
              completed.artefacts());
      case Outcome.Failed failed ->
          result(
              ResultStatus.FAILED,
              history(null, turns),
              seconds,
              new StepError(
                  failed.type(), cut(Sendable.text(failed.message())), failed.retryable()),
              null,
              failed.artefacts());
      case Outcome.AwaitingApproval waiting ->
          result(
              ResultStatus.AWAITING_APPROVAL,
              history(null, turns),
              seconds,
              null,
              Sendable.object(waiting.approval().json()),
              List.of());
    };
  }

  /** What is sent when the worker itself went wrong, so that the step is not run for ever. */
  StepResult broken(RuntimeException e) {
    return result(
        ResultStatus.FAILED,
        new RaHistory(null, null, context.task().assignedAgent()),
        0,
        new StepError("worker_error", cut(Sendable.text(e.toString())), Boolean.TRUE),
        null,
        List.of());
  }

  private StepResult tooLarge(double seconds) {
    return result(
        ResultStatus.FAILED,
        new RaHistory(null, null, context.task().assignedAgent()),
        seconds,
        new StepError(
            "result_too_large",
            "The result has more than 1 MiB. Write what is large into a file of the workspace.",
            Boolean.FALSE),
        null,
        List.of());
  }

  /** What the server has acknowledged already is not sent again. */
  private RaHistory history(@Nullable String text, List<Iteration> turns) {
    return new RaHistory(turns, text, context.task().assignedAgent());
  }

  private StepResult result(
      ResultStatus status,
      RaHistory history,
      double seconds,
      @Nullable StepError error,
      @Nullable ObjectNode approval,
      List<Artefact> artefacts) {
    ClaimedTask task = context.task();
    return new StepResult(
        task.workflowId(),
        task.stepId(),
        client,
        task.attempt(),
        status,
        history,
        seconds,
        error,
        approval,
        artefacts.isEmpty() ? null : artefacts);
  }
}
