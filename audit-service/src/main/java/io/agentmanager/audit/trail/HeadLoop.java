package io.agentmanager.audit.trail;

import io.agentmanager.journal.BackgroundLoop;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Publishes the heads of chains that have grown, a few seconds after they did. */
@Component
class HeadLoop extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(HeadLoop.class);
  private final TrailStore store;
  private final TrailHeads heads;
  private final Duration every;

  HeadLoop(TrailStore store, TrailHeads heads, TrailSettings settings) {
    super("trail-heads");
    this.store = store;
    this.heads = heads;
    this.every = settings.headsEvery();
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      Thread.sleep(every);
      publish();
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
