package io.agentmanager.task.workflow;

import io.agentmanager.journal.BackgroundLoop;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Looks once a second. Nothing else waits for it: text that is not shown now is shown whole later.
 */
@Component
class LiveTextLoop extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(LiveTextLoop.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private final LiveTexts texts;

  LiveTextLoop(LiveTexts texts) {
    super("live-text");
    this.texts = texts;
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      Thread.sleep(PERIOD);
      try {
        texts.look();
      } catch (RuntimeException e) {
        log.debug("text of other replicas is not shown now: {}", e.toString());
      }
    }
  }
}
