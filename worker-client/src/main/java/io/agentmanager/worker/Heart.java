package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.WorkerTerms;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the leases of what runs. A lease counts by the monotonic clock of this process, from the
 * moment a request was sent that the server then accepted, so that it never outlives the server's
 * own count. An attempt whose lease is over is stopped: another worker may hold its step.
 *
 * <p>A server that answers that it is out, or whose port refuses connections, accepts heartbeats
 * from nobody and ends no lease until it has done so again for a whole one. So work goes on.
 * Silence is different: it may be this worker alone who is cut off.
 */
final class Heart {
  private static final Logger log = LoggerFactory.getLogger(Heart.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);
  private static final Duration SHORTEST_LOOK = Duration.ofMillis(10);
  private static final int UNKNOWN = 404;
  private static final int DISPLACED = 409;

  private final GatewayClient gateway;
  private final Registration registration;
  private final Map<AttemptRef, Attempt> running = new ConcurrentHashMap<>();
  private final Semaphore wish = new Semaphore(0);
  private volatile boolean stopped;
  private volatile boolean registered;
  private volatile boolean displaced;
  private volatile Duration interval = Duration.ofSeconds(5);
  private volatile Duration lease = Duration.ofSeconds(15);
  private volatile long lastTurn = System.nanoTime();
  private @Nullable Thread beating;
  private @Nullable Thread watching;

  Heart(GatewayClient gateway, Registration registration) {
    this.gateway = gateway;
    this.registration = registration;
  }

  void start() {
    beating = Thread.ofVirtual().name("heartbeats").start(this::beatUntilStopped);
    watching = Thread.ofVirtual().name("leases").start(this::watchUntilStopped);
  }

  void stop() {
    stopped = true;
    interrupt(beating);
    interrupt(watching);
  }

  /**
   * Returns when the server knows the worker, or the worker closes; a heartbeat follows at once.
   */
  void register() throws InterruptedException {
    renew();
    // The pause under way is of the terms before these, and may be longer than a lease is now.
    wish.release();
  }

  private void renew() throws InterruptedException {
    registration.renew().ifPresent(this::accept);
  }

  private void accept(WorkerTerms terms) {
    interval = Duration.ofSeconds(Math.max(1, terms.heartbeatIntervalSec()));
    lease = Duration.ofSeconds(Math.max(1, terms.leaseSec()));
    registered = true;
    displaced = false;
  }

  /**
   * Returns when no other process works under the worker's name: two that did would take each
   * other's steps away for ever.
   */
  void awaitPlace() throws InterruptedException {
    while (displaced && !stopped) {
      Thread.sleep(RETRY);
    }
  }

  /** Whether another process works under the worker's name. */
  boolean isDisplaced() {
    return displaced;
  }

  /** Whether a finished attempt waits for the server's answer. */
  boolean hasUnanswered() {
    return running.values().stream().anyMatch(Attempt::isFinished);
  }

  /**
   * Takes an attempt into care.
   *
   * @param claimSent when the claim was sent ({@link System#nanoTime}); a claim that was parked for
   *     long says little about when the lease began: a third of it is taken to be over, and a
   *     heartbeat follows at once
   */
  void begin(Attempt attempt, long claimSent) {
    long now = System.nanoTime();
    boolean parked = now - claimSent > interval.toNanos();
    long from = parked ? now - lease.dividedBy(3).toNanos() : claimSent;
    attempt.leasedUntil(from + lease.toNanos());
    running.put(attempt.ref(), attempt);
    if (parked) {
      wish.release();
    }
  }

  void end(Attempt attempt) {
    running.remove(attempt.ref(), attempt);
  }

  boolean isRegistered() {
    return registered;
  }

  /** How long ago the last heartbeat ended, whatever the server said. */
  Duration sinceLastTurn() {
    return Duration.ofNanos(System.nanoTime() - lastTurn);
  }

  /** How many attempts have neither ended nor been answered. */
  int runningCount() {
    return running.size();
  }

  List<AttemptRef> running() {
    return List.copyOf(running.keySet());
  }

  /** What has finished only waits to be sent: its result is kept. */
  void stopAll() {
    running.values().stream().filter(attempt -> !attempt.isFinished()).forEach(Attempt::stop);
  }

  private void beatUntilStopped() {
    try {
      boolean heard = true;
      while (!stopped) {
        Duration pause = heard ? interval : RETRY;
        boolean unused = wish.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        wish.drainPermits();
        heard = beatSafely();
        lastTurn = System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whatever goes wrong with one heartbeat, the next one must come. */
  private boolean beatSafely() throws InterruptedException {
    try {
      // Before the worker is registered, a heartbeat would give back what its last run holds.
      return registered && beat();
    } catch (RuntimeException e) {
      log.error("a heartbeat went wrong", e);
      return false;
    }
  }

  private boolean beat() throws InterruptedException {
    List<Attempt> listed = List.copyOf(running.values());
    long sent = System.nanoTime();
    try {
      HeartbeatAnswer answer =
          gateway.heartbeat(listed.stream().map(Attempt::ref).toList(), interval);
      answer.lost().forEach(this::stop);
      answer.cancelled().forEach(this::stop);
      extend(listed, sent);
      displaced = false;
      return true;
    } catch (Refused e) {
      switch (e.status()) {
        case UNKNOWN -> renew();
        case DISPLACED -> giveWay(e);
        default -> missed(listed, e);
      }
      // Who waits for a place has time.
      return displaced;
    } catch (IOException e) {
      missed(listed, e);
      return false;
    }
  }

  /** What it ran was ended when the other process registered. */
  private void giveWay(Refused refusal) {
    if (!displaced) {
      log.error(
          "this process claims no more until the other one has left: {}", refusal.getMessage());
    }
    displaced = true;
    stopAll();
  }

  private void missed(List<Attempt> listed, IOException failure) {
    log.warn("no heartbeat: {}", failure.toString());
    if (GatewayCalls.isOutage(failure)) {
      extend(listed, System.nanoTime());
    }
  }

  private void extend(List<Attempt> listed, long from) {
    long until = from + lease.toNanos();
    listed.forEach(attempt -> attempt.leasedUntil(until));
  }

  private void stop(AttemptRef ref) {
    Attempt attempt = running.get(ref);
    if (attempt != null) {
      log.info("{} is lost or cancelled", ref);
      attempt.stop();
    }
  }

  private void watchUntilStopped() {
    try {
      while (!stopped) {
        Thread.sleep(look());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops what has lost its lease; returns when to look again. */
  private Duration look() {
    Duration next = LONGEST_LOOK;
    for (Attempt attempt : running.values()) {
      Duration left = Duration.ofNanos(attempt.leasedUntil() - System.nanoTime());
      if (attempt.isFinished()) {
        // Whether its result still counts, the server says.
        continue;
      }
      if (left.isPositive()) {
        next = left.compareTo(next) < 0 ? left : next;
      } else if (!attempt.isStopped()) {
        log.warn("{} is given up: no heartbeat for a whole lease", attempt.ref());
        attempt.stop();
      }
    }
    return next.compareTo(SHORTEST_LOOK) < 0 ? SHORTEST_LOOK : next;
  }

  private static void interrupt(@Nullable Thread thread) {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
