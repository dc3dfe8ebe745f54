package io.agentmanager.task.write;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/** One queue of requests and the thread that writes them, batch after batch. */
final class WriteLane {
  private static final Logger log = LoggerFactory.getLogger(WriteLane.class);
  private static final int LARGE_PLAN = 500;
  private final String name;
  private final WriteBatch batch;
  private final int batchSize;
  private final BlockingQueue<Waiting> queue;
  private @Nullable Thread thread;

  WriteLane(String name, WriteBatch batch, WriteSettings settings) {
    this.name = name;
    this.batch = batch;
    this.batchSize = settings.batchSize();
    this.queue = new ArrayBlockingQueue<>(settings.queueSize());
  }

  private record Waiting(WriteRequest request, CompletableFuture<WriteReply> reply) {}

  Optional<CompletableFuture<WriteReply>> offer(WriteRequest request) {
    CompletableFuture<WriteReply> reply = new CompletableFuture<>();
    return queue.offer(new Waiting(request, reply)) ? Optional.of(reply) : Optional.empty();
  }

  void start() {
    thread = Thread.ofVirtual().name(name).start(this::run);
  }

  void stop() {
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        write(gather());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      queue.forEach(w -> w.reply.cancel(false));
    }
  }

  /** Everything that waits, up to a batch; a large plan goes alone. */
  private List<Waiting> gather() throws InterruptedException {
    List<Waiting> gathered = new ArrayList<>();
    gathered.add(queue.take());
    while (gathered.size() < batchSize && !isLarge(gathered.getLast())) {
      Waiting next = queue.peek();
      if (next == null || isLarge(next)) {
        break;
      }
      gathered.add(queue.remove());
    }
    return gathered;
  }

  private static boolean isLarge(Waiting waiting) {
    return waiting.request instanceof WriteRequest.Adopt adopt
        && adopt.document().tasks() != null
        && adopt.document().tasks().size() > LARGE_PLAN;
  }

  /** One by one would fail alike, and keep every caller waiting for an answer. */
  private static boolean isDatabaseAway(Throwable failure) {
    return failure instanceof CannotCreateTransactionException
        || failure instanceof DataAccessResourceFailureException
        || failure instanceof TransactionSystemException;
  }

  /** One transaction for all; if that fails, one for each, so that a bad request fails alone. */
  private void write(List<Waiting> gathered) {
    try {
      List<WriteReply> replies = batch.write(gathered.stream().map(Waiting::request).toList());
      for (int i = 0; i < replies.size(); i++) {
        gathered.get(i).reply.complete(replies.get(i));
      }
    } catch (RuntimeException | Error e) {
      if (gathered.size() == 1 || isDatabaseAway(e)) {
        gathered.forEach(one -> one.reply.completeExceptionally(e));
        return;
      }
      log.info("a batch of {} failed and is written one by one: {}", gathered.size(), e.toString());
      gathered.forEach(one -> write(List.of(one)));
    }
  }
}
