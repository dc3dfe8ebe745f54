package io.agentmanager.journal;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes one waiting thread; rings in between are one ring, and a ring before the wait counts. */
public final class Bell {
  private final Semaphore rung = new Semaphore(0);

  /** Makes the present or the next wait return. */
  public void ring() {
    if (rung.availablePermits() == 0) {
      rung.release();
    }
  }

  /**
   * Waits for a ring, but no longer than the given time.
   *
   * @throws InterruptedException when the thread is to stop
   */
  public void await(Duration atMost) throws InterruptedException {
    boolean unused = rung.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
    rung.drainPermits();
  }
}
