package io.agentmanager.task.write;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.http.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.SmartLifecycle;

/**
 * The way in for everything that changes a workflow. Requests wait in a lane by workflow; a lane
 * runs one batch at a time, and a batch is what has gathered while the one before committed.
 */
public final class WriteLanes implements SmartLifecycle {
  private final List<WriteLane> lanes = new ArrayList<>();
  private volatile boolean running;

  /** Makes the lanes; they start with the application. */
  public WriteLanes(WriteBatch batch, WriteSettings settings) {
    for (int i = 0; i < settings.lanes(); i++) {
      lanes.add(new WriteLane("write-lane-" + i, batch, settings));
    }
  }

  /**
   * Queues a request. The future completes after the commit.
   *
   * @throws ProblemException 503 when the lane is full
   */
  public CompletableFuture<WriteReply> submit(WriteRequest request) {
    WriteLane lane = lanes.get(Math.floorMod(request.key().hashCode(), lanes.size()));
    return lane.offer(request)
        .orElseThrow(
            () -> ProblemException.of(ProblemType.UNAVAILABLE, "Too much is waiting. Try again."));
  }

  @Override
  public void start() {
    lanes.forEach(WriteLane::start);
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    lanes.forEach(WriteLane::stop);
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
