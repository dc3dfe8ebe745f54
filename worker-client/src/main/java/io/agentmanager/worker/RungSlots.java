package io.agentmanager.worker;

import io.agentmanager.contracts.api.ClaimedTask;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a doorbell claim steps by name into the slots that its worker has free. */
final class RungSlots implements Doorbell.Slots {
  private static final Logger log = LoggerFactory.getLogger(RungSlots.class);
  private final Semaphore free;
  private final GatewayClient gateway;
  private final Heart heart;
  private final ObjLongConsumer<ClaimedTask> begin;

  /**
   * Makes them.
   *
   * @param begin runs a task that was claimed at a time by {@link System#nanoTime}
   */
  RungSlots(
      Semaphore free, GatewayClient gateway, Heart heart, ObjLongConsumer<ClaimedTask> begin) {
    this.heart = heart;
    this.free = free;
    this.gateway = gateway;
    this.begin = begin;
  }

  @Override
  public void awaitFree() throws InterruptedException {
    heart.awaitPlace();
    free.acquire();
    free.release();
  }

  @Override
  public Doorbell.Answer claim(String workflowId, String stepId) throws InterruptedException {
    if (heart.isDisplaced() || !free.tryAcquire()) {
      return Doorbell.Answer.NO_ROOM;
    }
    boolean taken = false;
    long sent = System.nanoTime();
    try {
      ClaimedTask task = gateway.claim(workflowId, stepId);
      // Whoever begins it answers for the slot.
      taken = true;
      begin.accept(task, sent);
      return Doorbell.Answer.TAKEN;
    } catch (Refused e) {
      // What is wrong with this worker's token says nothing of the step: others may have it.
      return e.isPassing() || e.isOfTheToken()
          ? Doorbell.Answer.TRY_AGAIN
          : Doorbell.Answer.NOT_TO_BE_HAD;
    } catch (IOException e) {
      log.warn("cannot claim {}: {}", stepId, e.toString());
      return Doorbell.Answer.TRY_AGAIN;
    } finally {
      if (!taken) {
        free.release();
      }
    }
  }
}
