package io.agentmanager.task.lock;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.BackgroundLoop;
import io.agentmanager.journal.Bell;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.task.file.FileLockStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Where running steps wait for files. One query a second looks for all of them at once, and one
 * after each commit of this replica that may have let a file go.
 */
@Component
class LockDesk extends BackgroundLoop implements CommitListener {
  private static final Logger log = LoggerFactory.getLogger(LockDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final int MOST_WAITING = 2_000;
  private static final int MOST_OF_A_TENANT = 500;

  private final LockWaitStore store;
  private final Bell bell = new Bell();
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

  LockDesk(LockWaitStore store) {
    super("lock-desk");
    this.store = store;
  }

  private static final class Waiting {
    private final FileLockStore.Use wanted;
    private final CountDownLatch free = new CountDownLatch(1);

    Waiting(FileLockStore.Use wanted) {
      this.wanted = wanted;
    }

    boolean isOf(TenantId tenant) {
      return wanted.step().workflow().tenant().equals(tenant);
    }
  }

  /**
   * Waits until the file looks free, but no longer than the given time.
   *
   * @throws ProblemException 503 when too many wait, 429 when too many of the tenant do
   */
  void awaitFree(FileLockStore.Use wanted, Duration atMost) throws InterruptedException {
    if (!isRunning() || waiting.size() >= MOST_WAITING) {
      throw ProblemException.of(ProblemType.UNAVAILABLE, "No more can wait for files here now.");
    }
    TenantId tenant = wanted.step().workflow().tenant();
    if (waiting.stream().filter(one -> one.isOf(tenant)).count() >= MOST_OF_A_TENANT) {
      throw ProblemException.of(
          ProblemType.TOO_MANY_REQUESTS, "No more of the tenant can wait for files here now.");
    }
    Waiting one = new Waiting(wanted);
    waiting.add(one);
    try {
      bell.ring();
      boolean unused = one.free.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      waiting.remove(one);
    }
  }

  @Override
  public void committed(List<JournalEntry> entries) {
    if (!waiting.isEmpty()) {
      bell.ring();
    }
  }

  @Override
  public void stop() {
    super.stop();
    waiting.forEach(one -> one.free.countDown());
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      try {
        bell.await(LOOK);
        look();
      } catch (RuntimeException e) {
        log.warn("could not look for free files: {}", e.toString());
      }
    }
  }

  private void look() {
    List<Waiting> all = List.copyOf(waiting);
    if (all.isEmpty()) {
      return;
    }
    Set<Integer> taken = Set.copyOf(store.stillTaken(all.stream().map(w -> w.wanted).toList()));
    for (int i = 0; i < all.size(); i++) {
      if (!taken.contains(i)) {
        all.get(i).free.countDown();
      }
    }
  }
}
