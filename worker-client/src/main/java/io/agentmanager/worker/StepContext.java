package io.agentmanager.worker;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One attempt at one step, as its handler sees it. */
public final class StepContext {
  private final ClaimedTask task;
  private final Consumer<Iteration> sink;
  private final List<Iteration> iterations = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * Makes a context.
   *
   * @param sink gets every iteration as it ends
   */
  public StepContext(ClaimedTask task, Consumer<Iteration> sink) {
    this.task = task;
    this.sink = sink;
  }

  /** The step, its inputs, the results that it builds on, and what audits said of it before. */
  public ClaimedTask task() {
    return task;
  }

  /** Records a turn: it is part of the result's history, and seen live by whoever watches. */
  public void record(Iteration iteration) {
    synchronized (iterations) {
      iterations.add(iteration);
    }
    sink.accept(iteration);
  }

  /** The turns so far, in order. */
  public List<Iteration> iterations() {
    synchronized (iterations) {
      return List.copyOf(iterations);
    }
  }

  /** Whether the attempt is lost or cancelled: whatever it comes to will be refused. */
  public boolean isStopped() {
    return stopped;
  }

  void stop() {
    stopped = true;
  }
}
