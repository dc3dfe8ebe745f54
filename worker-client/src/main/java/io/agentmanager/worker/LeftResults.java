package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.StepResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Results that an earlier run of a worker finished and the server has not answered. */
final class LeftResults {
  private static final Logger log = LoggerFactory.getLogger(LeftResults.class);
  private static final int FIRST_ERROR = 400;
  private static final int FAILURE = 500;
  private static final int MOST_FAILURES = 5;

  /** The step went on without it. */
  private static final int STALE = 409;

  /** Four of the largest fit into one call. */
  private static final int AT_ONCE = 4;

  private final GatewayClient gateway;
  private final @Nullable ResultSpool spool;
  private final Map<AttemptRef, Integer> failedAt = new HashMap<>();

  /**
   * Sends for a worker.
   *
   * @param spool where they are; null when nothing is kept on disk
   */
  LeftResults(GatewayClient gateway, @Nullable ResultSpool spool) {
    this.gateway = gateway;
    this.spool = spool;
  }

  /** Whether nothing waits on disk for the next run. */
  boolean isNone() {
    return spool == null || spool.isEmpty();
  }

  /**
   * Returns when the server has answered each, has failed at one again and again, or the worker
   * closes. To be called before the worker registers, which ends the attempts of the run before.
   */
  void send(BooleanSupplier closing) throws InterruptedException {
    if (spool == null) {
      return;
    }
    List<StepResult> left = spool.left();
    for (int failures = 0; !left.isEmpty() && !closing.getAsBoolean(); ) {
      List<StepResult> batch = left.subList(0, Math.min(AT_ONCE, left.size()));
      List<StepResult> again = post(batch, spool);
      failures = again.isEmpty() ? 0 : failures + 1;
      left = Stream.concat(left.stream().skip(batch.size()), again.stream()).toList();
      if (failures > 0) {
        Thread.sleep(Pauses.after(failures));
      }
    }
  }

  /** Returns those that must be sent again. */
  private List<StepResult> post(List<StepResult> batch, ResultSpool from)
      throws InterruptedException {
    try {
      return judge(batch, gateway.post(batch), from);
    } catch (GatewayClient.Refused e) {
      boolean failedAtThem = e.status() == FAILURE;
      if (!failedAtThem && (e.isPassing() || e.isOfTheToken())) {
        log.warn("{} results of an earlier run wait: {}", batch.size(), e.getMessage());
        return batch;
      }
      if (batch.size() > 1) {
        return singly(batch, from);
      }
      if (failedAtThem) {
        return isHopeless(batch.getFirst()) ? List.of() : batch;
      }
      log.warn("a result of an earlier run was refused: {}", e.getMessage());
      batch.forEach(from::setAside);
      return List.of();
    } catch (IOException e) {
      log.warn("{} results of an earlier run wait: {}", batch.size(), e.toString());
      return batch;
    }
  }

  private List<StepResult> singly(List<StepResult> batch, ResultSpool from)
      throws InterruptedException {
    List<StepResult> again = new ArrayList<>();
    for (StepResult result : batch) {
      again.addAll(post(List.of(result), from));
    }
    return again;
  }

  /** A server that fails at one result must not keep the worker from its work for ever. */
  private boolean isHopeless(StepResult result) {
    boolean hopeless = failedAt.merge(ResultSpool.ref(result), 1, Integer::sum) >= MOST_FAILURES;
    if (hopeless) {
      log.error("the server fails at the result of {}; it stays on disk", ResultSpool.ref(result));
    }
    return hopeless;
  }

  private List<StepResult> judge(
      List<StepResult> batch, List<BatchAnswer.Item> answers, ResultSpool from) {
    List<StepResult> again = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      int status = answers.get(i).status();
      if (GatewayClient.isPassing(status)) {
        if (status != FAILURE || !isHopeless(batch.get(i))) {
          again.add(batch.get(i));
        }
        continue;
      }
      AttemptRef ref = ResultSpool.ref(batch.get(i));
      if (status < FIRST_ERROR || status == STALE) {
        log.info("the result of {}, of an earlier run, is answered: {}", ref, status);
        from.forget(ref);
      } else {
        log.warn("the result of {}, of an earlier run, is not taken: {}", ref, status);
        from.setAside(batch.get(i));
      }
    }
    return again;
  }
}
