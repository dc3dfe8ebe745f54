package io.agentmanager.audit.trail;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Publishes the heads of chains that have grown, a few seconds after they did. */
@Component
class HeadLoop implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(HeadLoop.class);
  private final TrailStore store;
  private final TrailHeads heads;
  private final Duration every;
  private volatile boolean running;
  private @Nullable Thread thread;

  HeadLoop(TrailStore store, TrailHeads heads, TrailSettings settings) {
    this.store = store;
    this.heads = heads;
    this.every = settings.headsEvery();
  }

  @Override
  public void start() {
    running = true;
    thread = Thread.ofVirtual().name("trail-heads").start(this::run);
  }

  @Override
  public void stop() {
    running = false;
    if (thread != null) {
      thread.interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    try {
      while (running) {
        Thread.sleep(every);
        publish();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish() throws InterruptedException {
    try {
      for (TrailStore.Head head : store.unpublished()) {
        heads.publish(head);
        store.published(head);
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      log.warn("the trail's heads could not be published now: {}", e.toString());
    }
  }
}
