package io.agentmanager.worker;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The iterations of one attempt on their way to the server. What could not be sent goes with the
 * next one, and at last with the result; what the server has acknowledged is not sent again.
 */
final class Progress {
  private static final Logger log = LoggerFactory.getLogger(Progress.class);
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;
  private static final int MOST = 100;
  private static final int LARGEST = 4 * 1024 * 1024;
  private final Server server;
  private final BooleanSupplier stopped;
  private final List<Iteration> all = new ArrayList<>();
  private final List<Iteration> unsent = new ArrayList<>();
  private final List<Iteration> refused = new ArrayList<>();

  /** Takes iterations of the attempt. */
  @FunctionalInterface
  interface Server {
    /**
     * Posts them.
     *
     * @throws Refused when the attempt is not the current one, or they are not taken
     */
    void post(List<Iteration> iterations) throws IOException, InterruptedException;
  }

  Progress(Server server, BooleanSupplier stopped) {
    this.server = server;
    this.stopped = stopped;
  }

  /** Those of this attempt, each as it was told last, in the order in which they began. */
  synchronized List<Iteration> all() {
    return List.copyOf(all);
  }

  /** What the server has not heard; what it would not take must not cost the result. */
  synchronized List<Iteration> unsent() {
    return List.copyOf(unsent);
  }

  /** Sends them; where that fails they go with the next ones. */
  synchronized void record(List<Iteration> iterations) {
    iterations.stream().map(Sendable::iteration).forEach(this::keep);
    try {
      send();
    } catch (IOException e) {
      log.info("{} iterations wait to be sent: {}", unsent.size(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Returns when the server has acknowledged it, however long that takes.
   *
   * @throws IOException when it was refused, or the attempt was stopped
   */
  synchronized void announce(Iteration told) throws IOException, InterruptedException {
    Iteration iteration = Sendable.iteration(told);
    keep(iteration);
    for (int failures = 1; ; failures++) {
      if (stopped.getAsBoolean()) {
        throw new InterruptedIOException("the attempt was stopped");
      }
      try {
        send();
        break;
      } catch (Refused e) {
        if (isOver(e)) {
          throw e;
        }
        log.info("cannot announce an action: {}", e.toString());
      } catch (IOException e) {
        log.info("cannot announce an action: {}", e.toString());
      }
      wait(Pauses.after(failures).toMillis());
    }
    if (refused.contains(iteration)) {
      throw new IOException("the server does not take it");
    }
  }

  private void keep(Iteration iteration) {
    all.removeIf(known -> known.index() == iteration.index());
    all.add(iteration);
    // What was announced and not sent is told whole by what completes it.
    unsent.removeIf(known -> known.index() == iteration.index());
    unsent.add(iteration);
  }

  private void send() throws IOException, InterruptedException {
    while (!unsent.isEmpty()) {
      List<Iteration> batch = batch();
      try {
        server.post(batch);
      } catch (Refused e) {
        if (e.isPassing() || e.isOfTheToken() || isOver(e)) {
          throw e;
        }
        sendSingly(batch);
      }
      unsent.removeAll(batch);
    }
  }

  /** One that is not taken holds up no other. */
  private void sendSingly(List<Iteration> batch) throws IOException, InterruptedException {
    for (Iteration iteration : batch) {
      try {
        server.post(List.of(iteration));
      } catch (Refused e) {
        if (e.isPassing() || e.isOfTheToken() || isOver(e)) {
          throw e;
        }
        log.warn("an iteration is not taken: {}", e.getMessage());
        refused.add(iteration);
      }
      unsent.remove(iteration);
    }
  }

  /** The attempt is not the current one any more: nothing of it will be taken. */
  private static boolean isOver(Refused refusal) {
    return refusal.status() == CONFLICT || refusal.status() == NOT_FOUND;
  }

  private List<Iteration> batch() {
    List<Iteration> batch = new ArrayList<>();
    int size = 0;
    for (Iteration iteration : unsent) {
      size += WireJson.mapper().writeValueAsBytes(iteration).length;
      if (!batch.isEmpty() && (batch.size() == MOST || size > LARGEST)) {
        break;
      }
      batch.add(iteration);
    }
    return batch;
  }
}
