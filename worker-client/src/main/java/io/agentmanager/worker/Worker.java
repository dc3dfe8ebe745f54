package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.tracing.Spans;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: claims steps of its capabilities, runs each on a virtual thread of its own, keeps their
 * leases alive, and sends each result until the server has accepted or refused it.
 *
 * <pre>{@code
 * Worker worker = Worker.builder(WorkerConfig.read(Path.of("mcp_client_config.json")))
 *     .handler("researcher", step -> Outcome.completed("42"))
 *     .start();
 * }</pre>
 *
 * <p>{@link #close} drains: it claims no more, lets what runs finish, and gives the rest back.
 */
public final class Worker implements AutoCloseable {
  private static final Duration LONGEST_BEAT = Duration.ofMinutes(2);
  private static final Logger log = LoggerFactory.getLogger(Worker.class);
  private static final String VERSION = "0.1.0";
  private static final int MOST_PER_CLAIM = 100;
  private static final Duration LEAVING = Duration.ofSeconds(3);

  private final WorkerConfig config;
  private final Map<String, StepHandler> handlers;
  private final Spans spans;
  private final WorkerListener listening;
  private final GatewayClient gateway;
  private final ResultSender results;
  private final String instance = UUID.randomUUID().toString();
  private final @Nullable OsFileLocks fileLocks;
  private final @Nullable Doorbell doorbell;
  private final Heart heart;
  private final Semaphore slots;
  private final Runnable last;
  private volatile boolean claiming = true;
  private @Nullable Thread claimer;
  private volatile @Nullable Thread listener;

  private Worker(
      WorkerConfig config,
      Map<String, StepHandler> handlers,
      @Nullable Doorbell doorbell,
      Spans spans,
      WorkerListener listening,
      Runnable last) {
    this.last = last;
    this.listening = listening;
    this.spans = spans;
    this.config = config;
    this.doorbell = doorbell;
    this.handlers = handlers;
    this.gateway = new GatewayClient(config);
    this.fileLocks = config.workspace() == null ? null : new OsFileLocks(config.workspace());
    this.heart = new Heart(gateway, this::register);
    this.results = new ResultSender(gateway, heart::runningCount, spans, spool(config), listening);
    this.slots = new Semaphore(config.parallel());
  }

  /** Begins a worker with this configuration. */
  public static Builder builder(WorkerConfig config) {
    return new Builder(config);
  }

  /** Collects handlers. */
  public static final class Builder {
    private final WorkerConfig config;
    private final Map<String, StepHandler> handlers = new HashMap<>();
    private @Nullable Doorbell doorbell;
    private Spans spans = Spans.global();
    private WorkerListener listener = WorkerListener.NONE;
    private Runnable last = () -> {};

    private Builder(WorkerConfig config) {
      this.config = config;
    }

    /**
     * Runs the steps of a capability with this handler.
     *
     * @throws IllegalStateException when the capability has one already
     */
    public Builder handler(String capability, StepHandler handler) {
      if (handlers.putIfAbsent(capability, handler) != null) {
        throw new IllegalStateException("there are two handlers for " + capability);
      }
      return this;
    }

    /** Runs the steps of every capability that has no handler of its own with this one. */
    public Builder handlerForAll(StepHandler handler) {
      config.agentCapabilities().forEach(c -> handlers.putIfAbsent(c, handler));
      return this;
    }

    /** Listens to a doorbell as well; one parked claim stays besides, for rings that are lost. */
    public Builder doorbell(Doorbell bell) {
      doorbell = bell;
      return this;
    }

    /**
     * Where the spans of attempts go: {@code new OpenTelemetrySpans(sdk)}, say. Unless it is set,
     * to the process's own OpenTelemetry, if there is one.
     */
    public Builder spans(Spans where) {
      spans = where;
      return this;
    }

    /** Who is told what the worker does: its metrics, say. */
    public Builder listener(WorkerListener who) {
      listener = listener.and(who);
      return this;
    }

    /** What closing the worker ends with, once its attempts have, in the order given. */
    public Builder onClose(Runnable task) {
      Runnable before = last;
      last =
          () -> {
            before.run();
            task.run();
          };
      return this;
    }

    /**
     * Starts the worker. It registers as soon as the server can be reached.
     *
     * @throws IllegalStateException when a capability of the configuration has no handler
     * @throws IllegalArgumentException when the configuration lacks something, or its transport
     *     cannot be had; the message says what to change
     */
    public Worker start() {
      config.check("the worker's configuration: ");
      Set<String> missing = new HashSet<>(config.agentCapabilities());
      missing.removeAll(handlers.keySet());
      if (!missing.isEmpty()) {
        throw new IllegalStateException(
            "no handler for " + missing + ": add .handler(capability, ...) for each");
      }
      Set<String> idle = new HashSet<>(handlers.keySet());
      idle.removeAll(config.agentCapabilities());
      if (!idle.isEmpty()) {
        throw new IllegalStateException(
            "the handlers for " + idle + " would get no step: add them to agent_capabilities");
      }
      Worker worker =
          new Worker(
              config,
              Map.copyOf(handlers),
              doorbell == null ? Transports.doorbell(config).orElse(null) : doorbell,
              spans,
              listener,
              last);
      worker.begin();
      return worker;
    }

    /**
     * Starts the worker and stays until the process is asked to stop (SIGTERM, Ctrl-C), then drains
     * it. For a {@code main} that does nothing else.
     *
     * @throws IllegalStateException when a capability of the configuration has no handler
     * @throws IllegalArgumentException when the configuration's transport cannot be had
     */
    public void run() throws InterruptedException {
      Worker worker = start();
      CountDownLatch closed = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    worker.close();
                    closed.countDown();
                  },
                  "drain"));
      closed.await();
    }
  }

  private void begin() {
    results.start();
    claimer = Thread.ofVirtual().name("claims").start(this::claimUntilClosed);
    heart.start();
  }

  /**
   * Whether it goes on sending heartbeats, answered or not: false means that the process is of no
   * use any more, and not that the server is away.
   */
  public boolean isBeating() {
    return heart.sinceLastTurn().compareTo(LONGEST_BEAT) < 0;
  }

  /** Attempts that run now. */
  public List<AttemptRef> running() {
    return heart.running();
  }

  @Override
  public void close() {
    claiming = false;
    interrupt(claimer);
    interrupt(listener);
    long end = System.nanoTime() + config.drain().toNanos();
    try {
      boolean drained =
          slots.tryAcquire(
              config.parallel(), Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (!drained) {
        log.warn("{} attempts did not finish in time and go back", running().size());
        heart.stopAll();
      }
      heart.stop();
      boolean sent = results.isAllAnswered();
      results.stop();
      // Leaving gives everything back, also what the next run of this worker is to send.
      if (sent && heart.isRegistered()) {
        leave();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      heart.stop();
    } finally {
      last.run();
    }
  }

  private void leave() throws InterruptedException {
    Thread leaving =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    gateway.leave();
                  } catch (IOException e) {
                    log.info("could not say goodbye: {}", e.getMessage());
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    boolean unused = leaving.join(LEAVING);
  }

  private void claimUntilClosed() {
    try {
      results.sendLeft(() -> !claiming);
      register();
      if (doorbell != null && claiming) {
        listener = Thread.ofVirtual().name("doorbell").start(() -> listen(doorbell));
      }
      String claimId = UUID.randomUUID().toString();
      int failures = 0;
      long firstSent = System.nanoTime();
      while (claiming) {
        int free = takeSlots();
        List<ClaimedTask> tasks = List.of();
        // A repeat gets what the first one got, and the server has counted since then.
        long sent = failures == 0 ? System.nanoTime() : firstSent;
        firstSent = sent;
        try {
          tasks = gateway.claim(free, claimId, failures > 0);
          claimId = UUID.randomUUID().toString();
          failures = 0;
        } catch (IOException e) {
          failures++;
          claimFailed(e, failures);
        } finally {
          slots.release(Math.max(0, free - tasks.size()));
        }
        // What is more than was asked for goes back, since no heartbeat lists it.
        begin(tasks.subList(0, Math.min(free, tasks.size())), sent);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen(Doorbell bell) {
    try {
      bell.listen(
          Set.copyOf(config.agentCapabilities()),
          new RungSlots(slots, gateway, (task, sent) -> begin(List.of(task), sent)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("the doorbell is out of order; the worker goes on with claims alone", e);
    }
  }

  /**
   * Waits for a free slot and takes all that are free, so that one claim can fill them; beside a
   * doorbell only one, so that the others stay free for its rings.
   */
  private int takeSlots() throws InterruptedException {
    slots.acquire();
    if (doorbell != null) {
      return 1;
    }
    int more = Math.min(MOST_PER_CLAIM - 1, slots.availablePermits());
    return more > 0 && slots.tryAcquire(more) ? 1 + more : 1;
  }

  private void claimFailed(IOException failure, int failures) throws InterruptedException {
    if (failure instanceof GatewayClient.Refused refused && refused.status() == 404) {
      register();
      return;
    }
    log.warn("cannot claim: {}", describe(failure));
    listening.gatewayFailed();
    pause(failures);
  }

  private void register() throws InterruptedException {
    for (int failures = 1; claiming; failures++) {
      try {
        WorkerTerms terms = gateway.register(instance, VERSION);
        heart.terms(terms);
        log.info("{} works for {}", config.clientAgentId(), config.serverUrl());
        return;
      } catch (IOException e) {
        log.warn("cannot register at {}: {}", config.serverUrl(), describe(e));
        listening.gatewayFailed();
        pause(failures);
      }
    }
  }

  /** All of them are known before the first one ends, so that their results can go together. */
  private void begin(List<ClaimedTask> tasks, long claimSent) {
    List<Attempt> attempts = tasks.stream().map(this::attempt).toList();
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
    StepContext context = new StepContext(task, server, server::post);
    StepHandler handler =
        handlers.getOrDefault(
            task.assignedAgent(),
            step -> Outcome.failed("no_handler", "no handler for " + task.assignedAgent()));
    return new Attempt(context, files, handler, config.clientAgentId(), spans);
  }

  private void finish(Attempt attempt) {
    String capability = attempt.capability();
    long began = System.nanoTime();
    listening.began(capability);
    try {
      StepResult result = attempt.run();
      listening.ended(
          capability,
          result.status().name().toLowerCase(Locale.ROOT),
          Duration.ofNanos(System.nanoTime() - began));
      // While this waits, heartbeats still list the attempt, so that its lease lives.
      results.send(attempt, result);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      heart.end(attempt);
      slots.release();
    }
  }

  private static @Nullable ResultSpool spool(WorkerConfig config) {
    try {
      return ResultSpool.in(config.spoolFolder(), config.clientAgentId());
    } catch (IOException e) {
      log.warn(
          "results are not kept on disk, and a restart may lose some: {} (set \"spool\" to a"
              + " folder that can be written)",
          e.toString());
      return null;
    }
  }

  private static void pause(int failures) throws InterruptedException {
    Thread.sleep(Pauses.after(failures));
  }

  private static void interrupt(@Nullable Thread thread) {
    if (thread != null) {
      thread.interrupt();
    }
  }

  private static String describe(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
