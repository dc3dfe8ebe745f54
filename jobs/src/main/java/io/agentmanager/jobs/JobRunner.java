package io.agentmanager.jobs;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.tracing.LogContext;
import io.agentmanager.tracing.TraceParent;
import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * Runs jobs with db-scheduler: a row a job, a lease kept alive by heartbeats, retries with growing
 * pauses, and another replica takes over when the runner dies.
 */
public final class JobRunner implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
  private static final Logger log = LoggerFactory.getLogger(JobRunner.class);
  private static final int MISSED_HEARTBEATS = 4;
  private static final int LARGEST_SHIFT = 3;
  private static final int TRIES_WHILE_AWAY = 500;
  private static final double LOWER = 0.5;

  /**
   * No job is taken that has to wait for a thread: it would not be heard of, and taken for dead.
   */
  private static final double UPPER = 1.0;

  private static final AttributeKey<String> WORKFLOW =
      AttributeKey.stringKey("agentmanager.workflow.id");
  private static final AttributeKey<Long> CYCLE = AttributeKey.longKey("agentmanager.audit.cycle");
  private static final Duration SHUTDOWN = Duration.ofSeconds(2);

  private final Scheduler scheduler;
  private final SchedulerClient client;
  private final JobSettings settings;
  private final InstantSource clock;
  private final Traces traces;
  private final Function<WorkflowKey, Optional<String>> parents;
  private volatile boolean running;

  /**
   * Runs these kinds of jobs against the database.
   *
   * @param parents the place in a trace that a workflow belongs to, as {@code traceparent}; for
   *     jobs that were noted down without one
   */
  public JobRunner(
      DataSource database,
      List<Job> jobs,
      JobSettings settings,
      InstantSource clock,
      Traces traces,
      Function<WorkflowKey, Optional<String>> parents) {
    this.settings = settings;
    this.traces = traces;
    this.parents = parents;
    this.clock = clock;
    List<Task<?>> tasks = new ArrayList<>();
    jobs.forEach(job -> tasks.add(task(job)));
    this.client =
        SchedulerClient.Builder.create(new TransactionAwareDataSourceProxy(database), tasks)
            .serializer(new TextData())
            .build();
    this.scheduler =
        Scheduler.create(database, tasks)
            .serializer(new TextData())
            .threads(settings.threads())
            // Of the platform: a job that computes for long takes turns with all else.
            .executorService(Executors.newFixedThreadPool(settings.threads()))
            .pollUsingLockAndFetch(LOWER, UPPER)
            .pollingInterval(settings.poll())
            .heartbeatInterval(settings.heartbeat())
            .missedHeartbeatsLimit(MISSED_HEARTBEATS)
            .failureLogging(LogLevel.DEBUG, false)
            .shutdownMaxWait(SHUTDOWN)
            .build();
  }

  /**
   * Notes a job down within the transaction that is open, if it is not noted already. It runs below
   * the span that this thread works in. Call {@link #wake} after the commit.
   */
  public void schedule(String job, JobKey key) {
    schedule(job, key, TraceParent.of(Context.current()));
  }

  /**
   * The same below a place in a trace.
   *
   * @param place {@code traceparent}; without one the workflow's own is taken when the job runs
   */
  public void schedule(String job, JobKey key, @Nullable String place) {
    boolean unused =
        client.scheduleIfNotExists(new TaskInstance<>(job, key.text(), place), clock.instant());
  }

  /** Looks for jobs now rather than at the next poll. */
  public void wake() {
    if (running) {
      scheduler.triggerCheckForDueExecutions();
    }
  }

  @Override
  public void start() {
    scheduler.start();
    running = true;
  }

  /**
   * What is noted from now on is for other replicas: a job that begins now would be interrupted.
   */
  @Override
  public void onApplicationEvent(ContextClosedEvent closing) {
    scheduler.pause();
  }

  @Override
  public void stop() {
    running = false;
    scheduler.stop();
  }

  /** Stops after the web server and the listeners, which still schedule jobs. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private Task<String> task(Job job) {
    return Tasks.oneTime(job.name(), String.class)
        .onDeadExecutionRevive()
        .onFailure((done, operations) -> retry(job, done, operations))
        .execute((instance, context) -> run(job, instance));
  }

  /**
   * Another service that does not answer says nothing about the job: it waits, for over an hour.
   */
  private static boolean isAway(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof UncheckedIOException) {
        return true;
      }
    }
    return false;
  }

  private void run(Job job, TaskInstance<String> noted) {
    JobKey key = JobKey.parse(noted.getId());
    try (LogContext context = context(key)) {
      boolean unused =
          traces.<Boolean, Exception>together(
              Collections.singletonList(place(key, noted.getData())),
              job.name(),
              SpanKind.INTERNAL,
              Attributes.of(WORKFLOW, key.workflow().workflow().value(), CYCLE, (long) key.cycle()),
              span -> {
                job.run(key);
                return Boolean.TRUE;
              });
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable String place(JobKey key, @Nullable String noted) {
    return noted == null ? parents.apply(key.workflow()).orElse(null) : noted;
  }

  private static LogContext context(JobKey key) {
    return LogContext.of(key.workflow().tenant().value(), key.workflow().workflow().value());
  }

  private void retry(Job job, ExecutionComplete done, ExecutionOperations<String> operations) {
    JobKey key = JobKey.parse(done.getExecution().taskInstance.getId());
    try (LogContext context = context(key)) {
      retry(job, key, done, operations);
    }
  }

  private void retry(
      Job job, JobKey key, ExecutionComplete done, ExecutionOperations<String> operations) {
    int failures = done.getExecution().consecutiveFailures + 1;
    Throwable cause =
        done.getCause().orElseGet(() -> new IllegalStateException("failed without a cause"));
    if (failures < (isAway(cause) ? TRIES_WHILE_AWAY : settings.attempts())) {
      log.warn("{} {} failed, try {}: {}", job.name(), key.text(), failures, cause.toString());
      long factor = 1L << Math.min(failures - 1, LARGEST_SHIFT);
      operations.reschedule(
          done, done.getTimeDone().plus(settings.firstPause().multipliedBy(factor)));
    } else {
      log.error("{} {} is given up", job.name(), key.text(), cause);
      job.giveUp(key, cause);
      operations.stop();
    }
  }
}
