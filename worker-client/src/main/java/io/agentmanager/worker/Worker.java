package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.WorkerTerms;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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
  private static final Logger log = LoggerFactory.getLogger(Worker.class);
  private static final String VERSION = "0.1.0";
  private static final int MOST_PER_CLAIM = 100;
  private static final Duration LEAVING = Duration.ofSeconds(3);

  private final WorkerConfig config;
  private final Map<String, StepHandler> handlers;
  private final GatewayClient gateway;
  private final ResultSender results;
  private final String instance = UUID.randomUUID().toString();
  private final Map<AttemptRef, Attempt> running = new ConcurrentHashMap<>();
  private final Semaphore slots;
  private volatile boolean claiming = true;
  private volatile boolean closed;
  private volatile Duration interval = Duration.ofSeconds(5);
  private volatile Duration lease = Duration.ofSeconds(15);
  private @Nullable Thread claimer;
  private @Nullable Thread heart;

  private Worker(WorkerConfig config, Map<String, StepHandler> handlers) {
    this.config = config;
    this.handlers = handlers;
    this.gateway = new GatewayClient(config);
    this.results = new ResultSender(gateway);
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

    private Builder(WorkerConfig config) {
      this.config = config;
    }

    /** Runs the steps of a capability with this handler. */
    public Builder handler(String capability, StepHandler handler) {
      handlers.put(capability, handler);
      return this;
    }

    /** Runs the steps of every capability that has no handler of its own with this one. */
    public Builder handlerForAll(StepHandler handler) {
      config.agentCapabilities().forEach(c -> handlers.putIfAbsent(c, handler));
      return this;
    }

    /**
     * Starts the worker. It registers as soon as the server can be reached.
     *
     * @throws IllegalStateException when a capability of the configuration has no handler
     */
    public Worker start() {
      Set<String> missing = new HashSet<>(config.agentCapabilities());
      missing.removeAll(handlers.keySet());
      if (!missing.isEmpty()) {
        throw new IllegalStateException(
            "no handler for " + missing + ": add .handler(capability, ...) for each");
      }
      Worker worker = new Worker(config, Map.copyOf(handlers));
      worker.run();
      return worker;
    }
  }

  private void run() {
    results.start();
    claimer = Thread.ofVirtual().name("claims").start(this::claimUntilClosed);
    heart = Thread.ofVirtual().name("heartbeats").start(this::beatUntilClosed);
  }

  /** Attempts that run now. */
  public List<AttemptRef> running() {
    return List.copyOf(running.keySet());
  }

  @Override
  public void close() {
    claiming = false;
    interrupt(claimer);
    long end = System.nanoTime() + config.drain().toNanos();
    try {
      boolean drained =
          slots.tryAcquire(
              config.parallel(), Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (!drained) {
        log.warn("{} attempts did not finish in time and go back", running.size());
        running.values().forEach(Attempt::stop);
      }
      closed = true;
      interrupt(heart);
      results.stop();
      leave();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
      interrupt(heart);
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
      register();
      String claimId = UUID.randomUUID().toString();
      int failures = 0;
      while (claiming) {
        int free = takeSlots();
        List<ClaimedTask> tasks = List.of();
        try {
          tasks = gateway.claim(free, claimId);
          claimId = UUID.randomUUID().toString();
          failures = 0;
        } catch (IOException e) {
          failures++;
          claimFailed(e, failures);
        } finally {
          slots.release(Math.max(0, free - tasks.size()));
        }
        tasks.forEach(this::begin);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a free slot and takes all that are free, so that one claim can fill them. */
  private int takeSlots() throws InterruptedException {
    slots.acquire();
    int more = Math.min(MOST_PER_CLAIM - 1, slots.availablePermits());
    return more > 0 && slots.tryAcquire(more) ? 1 + more : 1;
  }

  private void claimFailed(IOException failure, int failures) throws InterruptedException {
    if (failure instanceof GatewayClient.Refused refused && refused.status() == 404) {
      register();
      return;
    }
    log.warn("cannot claim: {}", describe(failure));
    pause(failures);
  }

  private void register() throws InterruptedException {
    for (int failures = 1; claiming; failures++) {
      try {
        WorkerTerms terms = gateway.register(instance, VERSION);
        interval = Duration.ofSeconds(terms.heartbeatIntervalSec());
        lease = Duration.ofSeconds(terms.leaseSec());
        log.info("{} works for {}", config.clientAgentId(), config.serverUrl());
        return;
      } catch (IOException e) {
        log.warn("cannot register at {}: {}", config.serverUrl(), describe(e));
        pause(failures);
      }
    }
  }

  private void begin(ClaimedTask task) {
    StepContext context = new StepContext(task, iteration -> post(task, iteration));
    StepHandler handler =
        handlers.getOrDefault(
            task.assignedAgent(),
            step -> Outcome.failed("no_handler", "no handler for " + task.assignedAgent()));
    Attempt attempt = new Attempt(context, handler, config.clientAgentId());
    running.put(attempt.ref(), attempt);
    Thread.ofVirtual().name("attempt-" + task.stepId()).start(() -> finish(attempt));
  }

  private void finish(Attempt attempt) {
    try {
      StepResult result = attempt.run();
      // While this waits, heartbeats still list the attempt, so that its lease lives.
      results.send(attempt, result);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running.remove(attempt.ref());
      slots.release();
    }
  }

  /** Progress that does not arrive is no loss: the result brings every iteration again. */
  private void post(ClaimedTask task, Iteration iteration) {
    try {
      gateway.post(task, iteration);
    } catch (GatewayClient.Refused e) {
      log.info("an iteration of {} was refused: {}", task.stepId(), e.getMessage());
    } catch (IOException e) {
      log.info("an iteration of {} was not sent: {}", task.stepId(), describe(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void beatUntilClosed() {
    long lastHeard = System.nanoTime();
    try {
      while (!closed) {
        Thread.sleep(interval);
        long sent = System.nanoTime();
        if (beat()) {
          lastHeard = sent;
        } else if (System.nanoTime() - lastHeard > lease.toNanos()) {
          loseEverything();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean beat() throws InterruptedException {
    try {
      HeartbeatAnswer answer =
          gateway.heartbeat(List.copyOf(running.keySet()), interval.multipliedBy(2));
      answer.lost().forEach(this::stop);
      answer.cancelled().forEach(this::stop);
      return true;
    } catch (GatewayClient.Refused e) {
      if (e.status() == 404 && claiming) {
        register();
      }
      return false;
    } catch (IOException e) {
      log.warn("no heartbeat: {}", describe(e));
      return false;
    }
  }

  /** The server cannot have heard of this worker for a whole lease: others may hold its steps. */
  private void loseEverything() {
    if (!running.isEmpty()) {
      log.warn("cut off for a whole lease: {} attempts are given up", running.size());
      running.keySet().forEach(this::stop);
    }
  }

  private void stop(AttemptRef ref) {
    Attempt attempt = running.get(ref);
    if (attempt != null) {
      log.info("{} is lost or cancelled", ref);
      attempt.stop();
    }
  }

  private static void pause(int failures) throws InterruptedException {
    Thread.sleep(ResultSender.pause(failures));
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
