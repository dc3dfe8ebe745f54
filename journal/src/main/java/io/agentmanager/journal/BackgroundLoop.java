package io.agentmanager.journal;

import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Work that goes on in a thread of its own, from the start of the application to its stop. */
public abstract class BackgroundLoop implements SmartLifecycle {
  private final String name;
  private final Interruptions interruptions = new Interruptions();
  private volatile boolean running;
  private @Nullable Thread thread;

  /**
   * Starts with the application.
   *
   * @param name the thread's
   */
  protected BackgroundLoop(String name) {
    this.name = name;
  }

  /**
   * Works until it is stopped: while {@link #isRunning()}, or until it is interrupted.
   *
   * @throws InterruptedException when it was stopped
   */
  protected abstract void work() throws InterruptedException;

  @Override
  public void start() {
    running = true;
    thread = Thread.ofVirtual().name(name).start(this::run);
  }

  private void run() {
    try {
      work();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does what a stop is not to cut off, such as a commit that others wait for. */
  protected final void undisturbed(Runnable part) {
    interruptions.undisturbed(part);
  }

  /** Interrupts the work where it may be disturbed, and does not wait for its end. */
  @Override
  public void stop() {
    running = false;
    if (thread != null) {
      interruptions.interrupt(thread);
    }
  }

  @Override
  public final boolean isRunning() {
    return running;
  }
}
