package io.agentmanager.worker;

import io.agentmanager.contracts.api.ClaimedTask;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims steps for the slots that are free, until the worker closes. A claim stays parked at the
 * server while there is nothing to do; with a doorbell there is one such claim all the same, for
 * rings that are lost.
 */
final class Claims {
  private static final Logger log = LoggerFactory.getLogger(Claims.class);
  private static final int MOST_PER_CLAIM = 100;
  private static final int UNKNOWN = 404;
  private final GatewayClient gateway;
  private final Heart heart;
  private final StepRuns runs;
  private final Set<String> capabilities;
  private final @Nullable Doorbell doorbell;
  private volatile boolean open = true;
  private @Nullable Thread claiming;
  private volatile @Nullable Thread listening;

  Claims(
      GatewayClient gateway,
      Heart heart,
      StepRuns runs,
      Set<String> capabilities,
      @Nullable Doorbell doorbell) {
    this.gateway = gateway;
    this.heart = heart;
    this.runs = runs;
    this.capabilities = capabilities;
    this.doorbell = doorbell;
  }

  /** Begins with what must be done before the worker may register: {@code left}. */
  void start(LeftResults left) {
    claiming = Thread.ofVirtual().name("claims").start(() -> run(left));
  }

  /** Claims no more; returns at once. */
  void stop() {
    open = false;
    interrupt(claiming);
    interrupt(listening);
  }

  /** Whatever goes wrong with one claim, the next one must come. */
  private void run(LeftResults left) {
    try {
      for (int failures = 1; open; failures++) {
        try {
          work(left);
        } catch (RuntimeException e) {
          log.error("claiming went wrong, and begins anew", e);
          Thread.sleep(Pauses.after(failures));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(LeftResults left) throws InterruptedException {
    if (!heart.isRegistered()) {
      left.send(() -> !open);
      heart.register();
    }
    if (doorbell != null && open && listening == null) {
      listening = Thread.ofVirtual().name("doorbell").start(() -> listen(doorbell));
    }
    claimUntilClosed();
  }

  private void claimUntilClosed() throws InterruptedException {
    String claimId = UUID.randomUUID().toString();
    int failures = 0;
    long firstSent = System.nanoTime();
    while (open) {
      int free = takeSlots();
      List<ClaimedTask> tasks = List.of();
      // A repeat gets what the first one got, and the server has counted since then.
      long sent = failures == 0 ? System.nanoTime() : firstSent;
      firstSent = sent;
      try {
        heart.awaitPlace();
        tasks = gateway.claim(free, claimId, failures > 0);
        claimId = UUID.randomUUID().toString();
        failures = 0;
      } catch (IOException e) {
        failures++;
        failed(e, failures);
      } finally {
        runs.slots().release(Math.max(0, free - tasks.size()));
      }
      // What is more than was asked for goes back, since no heartbeat lists it.
      runs.begin(tasks.subList(0, Math.min(free, tasks.size())), sent);
    }
  }

  /**
   * Waits for a free slot and takes all that are free, so that one claim can fill them; beside a
   * doorbell only one, so that the others stay free for its rings.
   */
  private int takeSlots() throws InterruptedException {
    Semaphore slots = runs.slots();
    slots.acquire();
    if (doorbell != null) {
      return 1;
    }
    int more = Math.min(MOST_PER_CLAIM - 1, slots.availablePermits());
    return more > 0 && slots.tryAcquire(more) ? 1 + more : 1;
  }

  private void failed(IOException failure, int failures) throws InterruptedException {
    if (failure instanceof Refused refused && refused.status() == UNKNOWN) {
      heart.register();
      return;
    }
    log.warn("cannot claim: {}", GatewayCalls.describe(failure));
    Thread.sleep(Pauses.after(failures));
  }

  private void listen(Doorbell bell) {
    try {
      bell.listen(
          capabilities,
          new RungSlots(
              runs.slots(), gateway, heart, (task, sent) -> runs.begin(List.of(task), sent)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("the doorbell is out of order; the worker goes on with claims alone", e);
    }
  }

  private static void interrupt(@Nullable Thread thread) {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
