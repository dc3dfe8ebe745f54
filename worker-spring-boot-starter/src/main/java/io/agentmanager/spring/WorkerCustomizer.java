package io.agentmanager.spring;

import io.agentmanager.worker.Worker;

/** A bean of this type has the last word on the worker of an application, before it starts. */
@FunctionalInterface
public interface WorkerCustomizer {
  /** Adds to it: a doorbell, say, or what closing it ends with. */
  void customize(Worker.Builder worker);
}
