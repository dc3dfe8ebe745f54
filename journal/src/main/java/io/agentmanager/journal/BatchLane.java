package io.agentmanager.journal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/**
 * A queue of requests and the thread that writes them, batch after batch. It waits for nothing: a
 * batch is what has gathered while the one before committed.
 *
 * @param <T> a request
 * @param <R> its reply
 */
public final class BatchLane<T, R> {
  private static final Logger log = LoggerFactory.getLogger(BatchLane.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private final String name;
  private final int batchSize;
  private final Predicate<T> goesAlone;
  private final Function<List<T>, List<R>> batch;
  private final BlockingQueue<Waiting<T, R>> queue;
  private final Interruptions interruptions = new Interruptions();
  private volatile boolean ended;
  private @Nullable Thread thread;

  /**
   * Makes a lane that is not started.
   *
   * @param batchSize requests in a batch at most
   * @param queueSize requests that may wait
   * @param goesAlone requests so large that they share a batch with none after them
   * @param batch writes requests in one transaction and returns their replies in order. If it
   *     throws, nothing may have been written; each request is then tried alone
   */
  public BatchLane(
      String name,
      int batchSize,
      int queueSize,
      Predicate<T> goesAlone,
      Function<List<T>, List<R>> batch) {
    this.name = name;
    this.batchSize = batchSize;
    this.goesAlone = goesAlone;
    this.batch = batch;
    this.queue = new ArrayBlockingQueue<>(queueSize);
  }

  private record Waiting<T, R>(T request, CompletableFuture<R> reply) {}

  /**
   * Queues a request; empty when too many wait, or nobody writes any more. The future completes
   * after the commit.
   */
  public Optional<CompletableFuture<R>> offer(T request) {
    Waiting<T, R> waiting = new Waiting<>(request, new CompletableFuture<>());
    boolean taken = queue.offer(waiting) && !(ended && queue.remove(waiting));
    return taken ? Optional.of(waiting.reply) : Optional.empty();
  }

  /** Begins to write. */
  public void start() {
    ended = false;
    thread = Thread.ofVirtual().name(name).start(this::run);
  }

  /** Writes what waits, and stops; returns when that is done, or after five seconds. */
  public void stop() {
    if (thread == null) {
      return;
    }
    interruptions.interrupt(thread);
    try {
      if (!thread.join(PATIENCE)) {
        log.warn("{} is still writing what waited when it was stopped", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        List<Waiting<T, R>> gathered = gather(queue.take());
        interruptions.undisturbed(() -> write(gathered, true));
      }
    } catch (InterruptedException e) {
      // Stopped: what came before is still written, and whoever comes later is turned away.
      ended = true;
      for (Waiting<T, R> next = queue.poll(); next != null; next = queue.poll()) {
        write(gather(next), true);
      }
    }
  }

  private List<Waiting<T, R>> gather(Waiting<T, R> first) {
    List<Waiting<T, R>> gathered = new ArrayList<>();
    gathered.add(first);
    while (gathered.size() < batchSize && !goesAlone.test(gathered.getLast().request)) {
      Waiting<T, R> next = queue.peek();
      if (next == null || goesAlone.test(next.request)) {
        break;
      }
      // While the lane ends, whoever offered it may take it back.
      if (queue.remove(next)) {
        gathered.add(next);
      }
    }
    return gathered;
  }

  /** One by one would fail alike, and keep every caller waiting for an answer. */
  private static boolean isDatabaseAway(Throwable failure) {
    return failure instanceof CannotCreateTransactionException
        || failure instanceof DataAccessResourceFailureException
        || failure instanceof TransactionSystemException;
  }

  /** Another transaction was first; what it left is seen the next time. */
  private static boolean hasMetAnother(Throwable failure) {
    return failure instanceof ConcurrencyFailureException
        || failure instanceof DuplicateKeyException;
  }

  /**
   * One transaction for all; if that fails, one for each, so that a bad request fails alone. Who is
   * alone and met another transaction tries once more.
   */
  private void write(List<Waiting<T, R>> gathered, boolean again) {
    try {
      List<R> replies = batch.apply(gathered.stream().map(Waiting::request).toList());
      for (int i = 0; i < replies.size(); i++) {
        gathered.get(i).reply.complete(replies.get(i));
      }
    } catch (RuntimeException | Error e) {
      if (gathered.size() == 1 && again && hasMetAnother(e)) {
        write(gathered, false);
        return;
      }
      if (gathered.size() == 1 || isDatabaseAway(e)) {
        gathered.forEach(one -> one.reply.completeExceptionally(e));
        return;
      }
      log.info("a batch of {} failed and is written one by one: {}", gathered.size(), e.toString());
      gathered.forEach(one -> write(List.of(one), true));
    }
  }
}
