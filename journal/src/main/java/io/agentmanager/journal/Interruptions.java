package io.agentmanager.journal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Interrupts a thread where it waits, and not in what it does undisturbed. An interrupted virtual
 * thread closes the connection that it reads from, so that whoever is interrupted in a commit never
 * knows whether it took place.
 */
final class Interruptions {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Fair, so that whoever wants to interrupt comes between two works that follow at once. */
  private final ReentrantLock busy = new ReentrantLock(true);

  /** Does it without being interrupted; an interruption from before comes after. */
  void undisturbed(Runnable work) {
    boolean interrupted = false;
    busy.lock();
    try {
      interrupted = Thread.interrupted();
      work.run();
    } finally {
      busy.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Interrupts it when it is not busy, or after five seconds. */
  void interrupt(Thread thread) {
    boolean idle = false;
    try {
      idle = busy.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
    if (idle) {
      busy.unlock();
    }
  }
}
