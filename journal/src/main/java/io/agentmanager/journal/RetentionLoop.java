package io.agentmanager.journal;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what has ended long ago: batch after batch while there is more, with a pause between, so
 * that nobody who works is kept waiting.
 */
public final class RetentionLoop extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(RetentionLoop.class);
  private static final Duration BREATH = Duration.ofMillis(100);
  private final Sweep sweep;
  private final Duration every;

  /** Removes one batch. */
  @FunctionalInterface
  public interface Sweep {
    /** Whether there may be more. */
    boolean removeSome();
  }

  /** Looks at that pace. */
  public RetentionLoop(Sweep sweep, RetentionSettings settings) {
    super("retention");
    this.sweep = sweep;
    this.every = settings.every();
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      Thread.sleep(every);
      while (isRunning() && removeSome()) {
        Thread.sleep(BREATH);
      }
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
