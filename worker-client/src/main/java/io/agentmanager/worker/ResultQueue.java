package io.agentmanager.worker;

import io.agentmanager.contracts.api.StepResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Results that wait to be sent, new ones and those to be sent again when their pause is over. What
 * gathers while one call is under way goes with the next, so that many small steps do not cost a
 * call each, and a lone one does not wait; where others run beside it, it waits for them, a
 * millisecond at most. A result whose calls fail again and again goes alone. Anybody may add; one
 * thread takes.
 */
final class ResultQueue {
  private static final int MOST = 100;
  private static final int LARGEST_BATCH = 4 * 1024 * 1024;
  private static final int FAILURES_TOGETHER = 3;
  private static final int OUTAGES_TOGETHER = 20;
  private static final Duration LINGER = Duration.ofMillis(1);
  private static final int LOOKS = 4;

  private final IntSupplier running;
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();

  /** What is sent again, with others. */
  private final Queue<Waiting> again = new PriorityQueue<>(Comparator.comparingLong(Waiting::due));

  /** What is sent again and goes alone, so that it holds up no other. */
  private final Queue<Waiting> alone = new PriorityQueue<>(Comparator.comparingLong(Waiting::due));

  private boolean lastWentAlone;

  /**
   * An empty one.
   *
   * @param running how many attempts have no answer yet
   */
  ResultQueue(IntSupplier running) {
    this.running = running;
  }

  /**
   * A result until it is answered.
   *
   * @param failures to bring it to be judged
   * @param goesAlone whether calls with it failed so often that it must hold up no other
   * @param due when it is sent next, by {@link System#nanoTime}
   */
  record Waiting(
      Attempt attempt,
      StepResult result,
      int size,
      CompletableFuture<Boolean> answered,
      int failures,
      boolean goesAlone,
      long due) {

    static Waiting of(Attempt attempt, StepResult result, int size) {
      return new Waiting(
          attempt, result, size, new CompletableFuture<>(), 0, false, System.nanoTime());
    }

    /** After a call that failed; one to a server that is out says little of the result. */
    Waiting failedWithItsCall(boolean isOut, long until) {
      return later(failures + 1 >= (isOut ? OUTAGES_TOGETHER : FAILURES_TOGETHER), until);
    }

    /** After an answer to its call that did not judge it: it costs the others nothing. */
    Waiting notJudged(long until) {
      return later(false, until);
    }

    private Waiting later(boolean alone, long until) {
      return new Waiting(attempt, result, size, answered, failures + 1, alone, until);
    }

    Waiting replacedBy(StepResult other, int length) {
      return new Waiting(attempt, other, length, answered, 0, false, System.nanoTime());
    }
  }

  /**
   * When those of a call are due again that are to be: all at once, so that one call takes them.
   */
  static long dueAfter(List<Waiting> batch) {
    int failures = batch.stream().mapToInt(Waiting::failures).max().orElse(0);
    return System.nanoTime() + Pauses.after(failures + 1).toNanos();
  }

  /** Adds a result that was not sent yet. */
  void add(Waiting waiting) {
    queue.add(waiting);
  }

  /** Adds one that was sent, or stands for one that was. */
  void addAgain(Waiting waiting) {
    (waiting.goesAlone() ? alone : again).add(waiting);
  }

  /**
   * What goes with the next call, once there is something; nothing when what there was is wanted no
   * more. What goes alone has its turn between others.
   */
  List<Waiting> take() throws InterruptedException {
    again.removeIf(ResultQueue::isStopped);
    alone.removeIf(ResultQueue::isStopped);
    boolean aloneNow = isDue(alone) && (!lastWentAlone || (queue.isEmpty() && !isDue(again)));
    lastWentAlone = aloneNow;
    if (aloneNow) {
      return List.of(alone.remove());
    }
    List<Waiting> batch = new ArrayList<>();
    Waiting first = isDue(again) ? again.remove() : awaitNext();
    if (first != null) {
      batch.add(first);
      awaitOthers();
      fill(batch);
    }
    batch.removeIf(ResultQueue::isStopped);
    return batch;
  }

  /** The next result; none when there was none until one became due again. */
  private @Nullable Waiting awaitNext() throws InterruptedException {
    OptionalLong due =
        Stream.of(again, alone)
            .map(Queue::peek)
            .filter(Objects::nonNull)
            .mapToLong(Waiting::due)
            .min();
    return due.isEmpty()
        ? queue.take()
        : queue.poll(due.getAsLong() - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  private static boolean isDue(Queue<Waiting> waiting) {
    Waiting next = waiting.peek();
    return next != null && next.due() - System.nanoTime() <= 0;
  }

  private void fill(List<Waiting> batch) {
    int size = batch.getFirst().size();
    Queue<Waiting> from = isDue(again) ? again : queue;
    Waiting next = from.peek();
    while (next != null && batch.size() < MOST && size + next.size() <= LARGEST_BATCH) {
      batch.add(from.remove());
      size += next.size();
      from = isDue(again) ? again : queue;
      next = from.peek();
    }
  }

  /** Steps that were handed out together often end together; nobody waits where none other runs. */
  private void awaitOthers() throws InterruptedException {
    long until = System.nanoTime() + LINGER.toNanos();
    while (1 + queue.size() < running.getAsInt() && System.nanoTime() < until) {
      Thread.sleep(LINGER.dividedBy(LOOKS));
    }
  }

  private static boolean isStopped(Waiting waiting) {
    return waiting.attempt().isStopped() && waiting.answered().complete(Boolean.FALSE);
  }
}
