package io.agentmanager.spring;

import io.agentmanager.worker.Worker;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Begins the worker when the application is ready for it, and drains it before the rest stops. */
public final class WorkerLifecycle implements SmartLifecycle {
  private final Supplier<Worker> begin;
  private @Nullable Worker worker;

  WorkerLifecycle(Supplier<Worker> begin) {
    this.begin = begin;
  }

  @Override
  public synchronized void start() {
    worker = begin.get();
  }

  @Override
  public synchronized void stop() {
    if (worker != null) {
      worker.close();
      worker = null;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return worker != null;
  }

  /** Whether it goes on sending heartbeats; for a health indicator of the application. */
  public synchronized boolean isBeating() {
    return worker != null && worker.isBeating();
  }
}
