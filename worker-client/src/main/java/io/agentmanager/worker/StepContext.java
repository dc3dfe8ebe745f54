package io.agentmanager.worker;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepApproval;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One attempt at one step, as its handler sees it. May be used by several threads. */
public final class StepContext {
  private final ClaimedTask task;
  private final @Nullable AttemptServer server;
  private final Progress progress;
  private final InstantSource clock;
  private final Instant began;
  private volatile boolean stopped;

  /**
   * A context without a server, for tests of a handler: every file is free, and the results of
   * dependencies are those that the task holds.
   *
   * @param sink gets every iteration as it is told
   */
  public StepContext(ClaimedTask task, Consumer<Iteration> sink) {
    this(task, sink, SteadyClock.begun());
  }

  /** The same with a clock, by which the step's time runs. */
  public StepContext(ClaimedTask task, Consumer<Iteration> sink, InstantSource clock) {
    this(task, null, iterations -> iterations.forEach(sink), clock);
  }

  StepContext(
      ClaimedTask task,
      @Nullable AttemptServer server,
      Progress.Server iterations,
      InstantSource clock) {
    this.task = task;
    this.clock = clock;
    this.began = clock.instant();
    this.server = server;
    this.progress = new Progress(iterations, () -> stopped);
  }

  /** The step as it was claimed. */
  public ClaimedTask task() {
    return task;
  }

  /** What is to be done. */
  public String description() {
    return task.taskDescription();
  }

  /** The step's input; empty when it has none. */
  public ObjectNode input() {
    ObjectNode input = task.input();
    return input == null ? JsonNodeFactory.instance.objectNode() : input;
  }

  /**
   * A value of the input as text.
   *
   * @throws InvalidStepException when the input has none of that name; the message says so
   */
  public String input(String name) {
    JsonNode value = input().get(name);
    if (value == null || value.isNull()) {
      throw new InvalidStepException(
          "the input of step " + task.stepId() + " has no \"" + name + "\"; it has " + names());
    }
    return value.isString() ? value.asString() : value.toString();
  }

  /**
   * The result of a step that this one depends on; asks the server for one that was too large to
   * come with the claim.
   *
   * @throws InvalidStepException when the step does not depend on that one
   */
  public String result(String stepId) throws IOException, InterruptedException {
    String inlined = task.dependencyResults().get(stepId);
    if (inlined != null) {
      return inlined;
    }
    if (!task.dependencies().contains(stepId)) {
      throw new InvalidStepException(
          "step " + task.stepId() + " depends on " + task.dependencies() + ", not on " + stepId);
    }
    if (server == null) {
      throw new IOException("this context has no server to ask for the result of " + stepId);
    }
    return server.result(stepId);
  }

  /** What audits said of earlier results, oldest first; empty but in a rework. */
  public List<String> reworkNotes() {
    return task.reworkNotes();
  }

  /** The result that an audit sent back. */
  public Optional<String> previousResult() {
    return Optional.ofNullable(task.previousResult());
  }

  /** What the attempts before this one got done, since the last result; in the order of indexes. */
  public List<Iteration> checkpoint() {
    return task.previousIterations();
  }

  /** What a person said, when an attempt before this one asked. */
  public Optional<StepApproval> approval() {
    return Optional.ofNullable(task.approval());
  }

  /**
   * Tells whoever watches how far the work is. It stays as checkpoint for the next attempt, should
   * this one be lost.
   */
  public void progress(String text) {
    int next = nextIndex();
    record(new Iteration(next, text, null, "", null, clock.instant(), 0L));
  }

  /** Records a turn: it is part of the history and of the checkpoint, and seen live. */
  public void record(Iteration iteration) {
    progress.record(List.of(iteration));
  }

  /**
   * Says that an action is about to be taken that must not be taken twice, and returns when the
   * server has acknowledged that. {@link #record} with the same index says how it ended.
   *
   * @param iteration without an observation
   * @throws IOException when the attempt is not the current one any more: do not act
   */
  public void announce(Iteration iteration) throws IOException, InterruptedException {
    progress.announce(iteration);
  }

  /**
   * Shows the text that a model is writing to whoever watches. It is not kept, and may be lost.
   *
   * @param index of the iteration that the text will be
   * @param text the whole of it so far
   */
  public void show(int index, String text) {
    if (server != null) {
      server.show(index, text);
    }
  }

  /**
   * Takes the turns of the checkpoint over into the history of this attempt, since an audit judges
   * an attempt by its own. What they cost was paid by the attempt that made them.
   */
  public void carryOver() {
    progress.record(
        checkpoint().stream().filter(StepContext::isFinished).map(StepContext::paid).toList());
  }

  /** One that was announced alone is no turn yet. */
  private static boolean isFinished(Iteration turn) {
    return turn.action() == null || turn.observation() != null;
  }

  /** The same without what it cost, which was told before. */
  public static Iteration paid(Iteration turn) {
    return new Iteration(
        turn.index(),
        turn.thought(),
        turn.action(),
        turn.observation(),
        null,
        turn.startedAt(),
        turn.durationMs(),
        turn.end());
  }

  /** The turns of this attempt so far, in the order in which they began. */
  public List<Iteration> iterations() {
    return progress.all();
  }

  /** The index that no turn of this attempt or of its checkpoint has. */
  public int nextIndex() {
    int last = -1;
    for (Iteration known : checkpoint()) {
      last = Math.max(last, known.index());
    }
    for (Iteration known : iterations()) {
      last = Math.max(last, known.index());
    }
    return last + 1;
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
    if (server == null) {
      return new HeldFile(path, access, () -> {});
    }
    return server.lock(path, access, atMost);
  }

  /** How much of the step's time is left; negative when it is over. */
  public Duration timeLeft() {
    return task.timeout().minus(Duration.between(began, clock.instant()));
  }

  /** The time by which the step's own runs. */
  public Instant now() {
    return clock.instant();
  }

  /** Whether the attempt is lost or cancelled: whatever it comes to will be refused. */
  public boolean isStopped() {
    return stopped;
  }

  List<Iteration> unsent() {
    return progress.unsent();
  }

  void stop() {
    stopped = true;
  }

  private String names() {
    return input().isEmpty() ? "none" : String.join(", ", input().propertyNames());
  }
}
