package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.LogContext;
import io.agentmanager.tracing.TraceParent;
import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One attempt while it runs: the handler's thread, its time limit, and the result it makes. */
final class Attempt {
  private static final double NANOS = 1e9;
  private static final int LARGEST_RESULT = 1024 * 1024;
  private static final int LONGEST_MESSAGE = 2_000;
  private final StepContext context;
  private final AttemptFiles files;
  private final StepHandler handler;
  private final String client;
  private final Traces traces;
  private volatile @Nullable Thread thread;
  private volatile @Nullable String place;
  private volatile long leasedUntil;

  Attempt(
      StepContext context, AttemptFiles files, StepHandler handler, String client, Traces traces) {
    this.traces = traces;
    this.context = context;
    this.files = files;
    this.handler = handler;
    this.client = client;
  }

  AttemptRef ref() {
    ClaimedTask task = context.task();
    return new AttemptRef(task.workflowId(), task.stepId(), task.attempt());
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
    return traces.below(
        task.traceparent(),
        "execute_step",
        SpanKind.INTERNAL,
        Attributes.of(
            AttributeKey.stringKey("agentmanager.workflow.id"), task.workflowId(),
            AttributeKey.stringKey("agentmanager.step.id"), task.stepId(),
            AttributeKey.stringKey("agentmanager.step.capability"), task.assignedAgent(),
            AttributeKey.longKey("agentmanager.step.attempt"), (long) task.attempt()),
        this::run);
  }

  /** Where in a trace the attempt ran, once it does. */
  @Nullable String place() {
    return place;
  }

  private StepResult run(Span span) {
    place = TraceParent.of(Context.current());
    StepResult result = timed();
    span.setAttribute("agentmanager.step.status", result.status().name().toLowerCase(Locale.ROOT));
    if (result.error() != null) {
      Traces.failed(span, result.error().type());
    }
    return result;
  }

  private StepResult timed() {
    long began = System.nanoTime();
    Outcome outcome = outcome();
    double seconds = (System.nanoTime() - began) / NANOS;
    StepResult result = result(outcome, seconds);
    return WireJson.mapper().writeValueAsBytes(result).length <= LARGEST_RESULT
        ? result
        : tooLarge(seconds);
  }

  private Outcome outcome() {
    Duration limit = context.task().timeout();
    FutureTask<Outcome> work =
        new FutureTask<>(Context.current().wrap((Callable<Outcome>) this::handle));
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
      return handler.handle(context);
    }
  }

  private static Outcome failure(Throwable cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return Outcome.failed(
        cause.getClass().getSimpleName(),
        message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE));
  }

  private StepResult result(Outcome outcome, double seconds) {
    return switch (outcome) {
      case Outcome.Completed completed ->
          result(ResultStatus.COMPLETED, completed.result(), null, seconds, true);
      case Outcome.Failed failed ->
          result(
              ResultStatus.FAILED,
              null,
              new StepError(failed.type(), failed.message(), failed.retryable()),
              seconds,
              true);
    };
  }

  private StepResult tooLarge(double seconds) {
    return result(
        ResultStatus.FAILED,
        null,
        new StepError("result_too_large", "The result has more than 1 MiB.", Boolean.FALSE),
        seconds,
        false);
  }

  private StepResult result(
      ResultStatus status,
      @Nullable String text,
      @Nullable StepError error,
      double seconds,
      boolean withIterations) {
    ClaimedTask task = context.task();
    return new StepResult(
        task.workflowId(),
        task.stepId(),
        client,
        task.attempt(),
        status,
        new RaHistory(withIterations ? context.iterations() : null, text, task.assignedAgent()),
        seconds,
        error);
  }
}
