package io.agentmanager.worker;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One attempt at one step, as its handler sees it. */
public final class StepContext {
  private final ClaimedTask task;
  private final Consumer<Iteration> sink;
  private final @Nullable AttemptFiles files;
  private final List<Iteration> iterations = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * Makes a context.
   *
   * @param sink gets every iteration as it ends
   */
  public StepContext(ClaimedTask task, Consumer<Iteration> sink) {
    this(task, sink, null);
  }

  StepContext(ClaimedTask task, Consumer<Iteration> sink, @Nullable AttemptFiles files) {
    this.task = task;
    this.sink = sink;
    this.files = files;
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

  /**
   * Locks a file that the step does not declare and found it needs. The file is held until the
   * answer is closed or the attempt ends. Asking for more access to a file that is held extends it.
   *
   * @param path relative to the workspace
   * @param atMost how long to wait for others to let go; at most 30 seconds count
   * @throws IOException when others hold it all that time, when waiting would close a circle, when
   *     the attempt is not the current one any more, or when the server does not answer; the
   *     message says which
   */
  public HeldFile lock(String path, AccessType access, Duration atMost)
      throws IOException, InterruptedException {
    if (files == null) {
      throw new IOException("this context has no server to lock files at");
    }
    return files.take(path, access, atMost);
  }

  /** Whether the attempt is lost or cancelled: whatever it comes to will be refused. */
  public boolean isStopped() {
    return stopped;
  }

  void stop() {
    stopped = true;
  }
}
