package io.agentmanager.worker;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The iterations of one attempt on their way to the server. What could not be sent goes with the
 * next one, and at last with the result; what the server has acknowledged is not sent again.
 */
final class Progress {
  private static final Logger log = LoggerFactory.getLogger(Progress.class);
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
     * @throws GatewayClient.Refused when the attempt is not the current one, or they are not taken
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

  /** What the server has not acknowledged. */
  synchronized List<Iteration> unsent() {
    return Stream.concat(refused.stream(), unsent.stream()).toList();
  }

  /** Sends them; where that fails they go with the next ones. */
  synchronized void record(List<Iteration> iterations) {
    iterations.forEach(this::keep);
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
  synchronized void announce(Iteration iteration) throws IOException, InterruptedException {
    keep(iteration);
    for (int failures = 1; ; failures++) {
      if (stopped.getAsBoolean()) {
        throw new InterruptedIOException("the attempt was stopped");
      }
      try {
        send();
        return;
      } catch (GatewayClient.Refused e) {
        if (!e.isPassing()) {
          throw e;
        }
        log.info("cannot announce an action: {}", e.toString());
      } catch (IOException e) {
        log.info("cannot announce an action: {}", e.toString());
      }
      wait(Pauses.after(failures).toMillis());
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
      } catch (GatewayClient.Refused e) {
        if (!e.isPassing()) {
          // What is not taken now may be taken with the result, and holds up nothing else.
          refused.addAll(batch);
          unsent.subList(0, batch.size()).clear();
        }
        throw e;
      }
      unsent.subList(0, batch.size()).clear();
    }
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
