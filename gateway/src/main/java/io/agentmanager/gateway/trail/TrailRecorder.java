package io.agentmanager.gateway.trail;

import com.github.benmanes.caffeine.cache.Ticker;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.journal.BatchLane;
import io.agentmanager.journal.Bell;
import io.agentmanager.journal.Outages;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.stereotype.Component;

/**
 * Makes entries durable, those of many calls with one commit. What cannot be written now is kept
 * and written as soon as that is possible: what was done stays done, and has to be told.
 */
@Component
class TrailRecorder implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(TrailRecorder.class);
  private static final int BATCH = 200;
  private static final int QUEUE = 10_000;
  private final TrailOutbox outbox;
  private final Bell bell;
  private final BatchLane<TrailEvent, Boolean> lane;
  private final Queue<TrailEvent> unwritten = new ArrayBlockingQueue<>(QUEUE);
  private final Refusals refusals = new Refusals(this::record, Ticker.systemTicker());
  private volatile boolean running;
  private volatile boolean closed;

  TrailRecorder(TrailOutbox outbox, Bell trailBell) {
    this.outbox = outbox;
    this.bell = trailBell;
    this.lane = new BatchLane<>("trail", BATCH, QUEUE, event -> false, this::write);
  }

  /** Notes a refusal, some time soon. */
  void refused(TrailEvent refusal) {
    refusals.add(refusal);
  }

  /** Completes when the entry is durable, or is kept because it cannot be made so now. */
  CompletableFuture<Boolean> record(TrailEvent event) {
    Optional<CompletableFuture<Boolean>> written = lane.offer(event);
    return written
        .orElseGet(() -> CompletableFuture.failedFuture(new IllegalStateException("too many wait")))
        .exceptionally(failure -> keep(event, failure));
  }

  private boolean keep(TrailEvent event, Throwable failure) {
    boolean kept = !closed && unwritten.offer(event);
    log.error(
        "an entry of the trail could not be written and {}: {} by {}: {}",
        kept ? "is kept" : "IS LOST",
        event.action(),
        event.actor(),
        failure.toString());
    return false;
  }

  private List<Boolean> write(List<TrailEvent> events) {
    outbox.insert(events);
    bell.ring();
    return events.stream().map(event -> true).toList();
  }

  /** Writes what could not be written before; what the database never takes is given up. */
  void writeKept() {
    for (TrailEvent event = unwritten.peek(); event != null; event = unwritten.peek()) {
      try {
        outbox.insert(List.of(event));
      } catch (NonTransientDataAccessException e) {
        if (Outages.isOutage(e)) {
          throw e;
        }
        log.error("an entry of the trail is refused and IS LOST: {}", event.action(), e);
      }
      unwritten.remove(event);
    }
  }

  @Override
  public void start() {
    lane.start();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    refusals.flush();
    lane.stop();
    closed = true;
    try {
      writeKept();
    } catch (RuntimeException e) {
      log.error("{} entries of the trail could not be written before the end", unwritten.size(), e);
    }
  }

  /** Stops after the web server, which still takes calls. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
