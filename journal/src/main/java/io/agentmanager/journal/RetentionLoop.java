package io.agentmanager.journal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Removes what has ended long ago: batch after batch while there is more, with a pause between, so
 * that nobody who works is kept waiting.
 */
public final class RetentionLoop implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(RetentionLoop.class);
  private static final Duration BREATH = Duration.ofMillis(100);
  private final Sweep sweep;
  private final Duration every;
  private volatile boolean running;
  private @Nullable Thread thread;

  /** Removes one batch. */
  @FunctionalInterface
  public interface Sweep {
    /** Whether there may be more. */
    boolean removeSome();
  }

  /** Looks at that pace. */
  public RetentionLoop(Sweep sweep, RetentionSettings settings) {
    this.sweep = sweep;
    this.every = settings.every();
  }

  @Override
  public void start() {
    running = true;
    thread = Thread.ofVirtual().name("retention").start(this::run);
  }

  @Override
  public void stop() {
    running = false;
    if (thread != null) {
      thread.interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    try {
      while (running) {
        Thread.sleep(every);
        while (running && removeSome()) {
          Thread.sleep(BREATH);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean removeSome() {
    try {
      return sweep.removeSome();
    } catch (RuntimeException e) {
      log.warn("what has ended could not be removed now: {}", e.toString());
      return false;
    }
  }
}
