package io.agentmanager.task.recover;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Does what may take long, such as asking other services, on a thread of its own and one list at a
 * time: what comes meanwhile is left to a later look.
 */
final class Aside {
  private final String name;
  private final AtomicBoolean busy = new AtomicBoolean();

  Aside(String name) {
    this.name = name;
  }

  <T> void run(List<T> all, Consumer<T> work) {
    if (!all.isEmpty() && busy.compareAndSet(false, true)) {
      Thread.ofVirtual().name(name).start(() -> runAll(all, work));
    }
  }

  private <T> void runAll(List<T> all, Consumer<T> work) {
    try {
      all.forEach(work);
    } finally {
      busy.set(false);
    }
  }
}
