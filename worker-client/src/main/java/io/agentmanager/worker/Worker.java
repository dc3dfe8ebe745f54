package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.tracing.Spans;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
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
  private static final Duration LEAVING = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final WorkerConfig config;
  private final GatewayClient gateway;
  private final Registration registration;
  private final Heart heart;
  private final @Nullable ResultSpool spool;
  private final LeftResults left;
  private final ResultSender results;
  private final StepRuns runs;
  private final Claims claims;
  private final Runnable last;

  private Worker(Builder built) {
    this.config = built.config;
    this.last = built.last;
    Telemetry telemetry = new Telemetry(built.spans, built.listener);
    Doorbell doorbell =
        built.doorbell == null ? Transports.doorbell(config).orElse(null) : built.doorbell;
    this.spool = spool(config);
    this.gateway = new GatewayClient(config, built.listener);
    this.registration = new Registration(config, gateway);
    this.heart = new Heart(gateway, registration);
    this.left = new LeftResults(gateway, spool, PATIENCE);
    this.results = new ResultSender(gateway, heart::runningCount, telemetry, spool);
    this.runs =
        new StepRuns(config, Map.copyOf(built.handlers), gateway, heart, results, telemetry);
    this.claims =
        new Claims(gateway, heart, runs, Set.copyOf(config.agentCapabilities()), doorbell);
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
      Worker worker = new Worker(this);
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
    claims.start(left);
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
    registration.end();
    claims.stop();
    try {
      if (!runs.isDrained(config.drain())) {
        log.warn("{} attempts did not finish in time and go back", running().size());
        heart.stopAll();
      }
      heart.stop();
      boolean sent = left.isNone() && !heart.hasUnanswered();
      results.stop();
      // Leaving gives everything back, also what the next run of this worker is to send.
      if (sent && heart.isRegistered()) {
        leave();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      heart.stop();
    } finally {
      if (spool != null) {
        spool.close();
      }
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

  private static @Nullable ResultSpool spool(WorkerConfig config) {
    try {
      return ResultSpool.in(config.spoolFolder(), config.clientAgentId(), config.serverUrl());
    } catch (IOException e) {
      log.warn(
          "results are not kept on disk, and a restart may lose some: {} (set \"spool\" to a"
              + " folder that can be written)",
          e.toString());
      return null;
    }
  }
}
