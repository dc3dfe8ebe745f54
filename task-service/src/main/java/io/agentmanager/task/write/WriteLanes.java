package io.agentmanager.task.write;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.BatchLane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.context.SmartLifecycle;

/**
 * The way in for everything that changes a workflow. Requests wait in a lane by workflow; a lane
 * runs one batch at a time, and a batch is what has gathered while the one before committed. Very
 * large plans have a lane to themselves.
 */
public final class WriteLanes implements SmartLifecycle {
  private static final int LARGE_PLAN = 500;
  private final List<BatchLane<WriteRequest, WriteReply>> lanes = new ArrayList<>();
  private final BatchLane<WriteRequest, WriteReply> large;
  private volatile boolean running;

  /** Makes the lanes; they start with the application. */
  public WriteLanes(WriteBatch batch, WriteSettings settings) {
    for (int i = 0; i < settings.lanesOrDefault(); i++) {
      lanes.add(lane("write-lane-" + i, batch, settings));
    }
    large = lane("write-lane-large", batch, settings);
  }

  private static BatchLane<WriteRequest, WriteReply> lane(
      String name, WriteBatch batch, WriteSettings settings) {
    return new BatchLane<>(
        name, settings.batchSize(), settings.queueSize(), WriteLanes::isLarge, batch::write);
  }

  /**
   * Queues a request. The future completes after the commit.
   *
   * @throws ProblemException 503 when the lane is full
   */
  public CompletableFuture<WriteReply> submit(WriteRequest request) {
    BatchLane<WriteRequest, WriteReply> lane = lane(request);
    return lane.offer(request)
        .orElseThrow(
            () -> ProblemException.of(ProblemType.UNAVAILABLE, "Too much is waiting. Try again."));
  }

  private BatchLane<WriteRequest, WriteReply> lane(WriteRequest request) {
    return isLarge(request)
        ? large
        : lanes.get(Math.floorMod(request.key().hashCode(), lanes.size()));
  }

  /** A plan of very many steps gets a transaction of its own, and keeps nobody else waiting. */
  private static boolean isLarge(WriteRequest request) {
    return request instanceof WriteRequest.Adopt adopt
        && adopt.document().tasks() != null
        && adopt.document().tasks().size() > LARGE_PLAN;
  }

  @Override
  public void start() {
    lanes.forEach(BatchLane::start);
    large.start();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      lanes.forEach(lane -> threads.execute(lane::stop));
      large.stop();
    }
  }

  /** Stops after the web server and the listeners, which still write. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
