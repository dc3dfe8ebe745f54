package io.agentmanager.worker.agent;

import io.agentmanager.worker.StepContext;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Shows the text of one turn while the model writes it: the whole so far, a few times a second at
 * most, and never at the cost of the model's stream.
 */
final class LiveText implements Consumer<String> {
  private static final Duration APART = Duration.ofMillis(250);
  private static final int LONGEST = 100_000;
  private final StepContext step;
  private final int index;
  private final StringBuffer text = new StringBuffer();
  private final AtomicBoolean sending = new AtomicBoolean();
  private volatile long last = System.nanoTime();

  LiveText(StepContext step, int index) {
    this.step = step;
    this.index = index;
  }

  @Override
  public void accept(String part) {
    text.append(part);
    boolean due = System.nanoTime() - last >= APART.toNanos();
    if (due && text.length() <= LONGEST && sending.compareAndSet(false, true)) {
      last = System.nanoTime();
      Thread unused = Thread.ofVirtual().name("live-text").start(this::send);
    }
  }

  private void send() {
    try {
      step.show(index, text.toString());
    } finally {
      sending.set(false);
    }
  }
}
