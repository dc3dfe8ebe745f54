package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.StepResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Results that an earlier run of a worker finished and the server has not answered. */
final class LeftResults {
  private static final Logger log = LoggerFactory.getLogger(LeftResults.class);

  /** Four of the largest fit into one call. */
  private static final int AT_ONCE = 4;

  /** What failed so often with others goes alone. */
  private static final int FAILURES_TOGETHER = 2;

  /** A server that is just coming back may answer else, once, right after it failed. */
  private static final int BLAMED_ENOUGH = 3;

  private final GatewayClient gateway;
  private final @Nullable ResultSpool spool;
  private final Duration patience;
  private final Set<AttemptRef> hopeless = ConcurrentHashMap.newKeySet();

  /**
   * Sends for a worker.
   *
   * @param spool where they are; null when nothing is kept on disk
   * @param patience how long a server that answers else may fail at one result
   */
  LeftResults(GatewayClient gateway, @Nullable ResultSpool spool, Duration patience) {
    this.gateway = gateway;
    this.spool = spool;
    this.patience = patience;
  }

  /**
   * A result that waits.
   *
   * @param failures of calls with it
   * @param blamed how many of the last of them failed alone, while the server answered else
   * @param since when the first of these was, by {@link System#nanoTime}
   */
  private record Left(StepResult result, int failures, int blamed, long since) {
    static Left of(StepResult result) {
      return new Left(result, 0, 0, 0);
    }

    /** After a failure that may be the server's. */
    Left failed() {
      return new Left(result, failures + 1, 0, 0);
    }

    /** After a failure that is nobody else's. */
    Left failedAlone() {
      return new Left(result, failures + 1, blamed + 1, blamed == 0 ? System.nanoTime() : since);
    }

    boolean goesAlone() {
      return failures >= FAILURES_TOGETHER;
    }

    boolean isHopeless(Duration patience) {
      return blamed >= BLAMED_ENOUGH && System.nanoTime() - since >= patience.toNanos();
    }

    AttemptRef ref() {
      return ResultSpool.ref(result);
    }
  }

  /** Whether nothing waits on disk that the next run could still bring to the server. */
  boolean isNone() {
    return spool == null || hopeless.containsAll(spool.waiting());
  }

  /**
   * Returns when the server has answered each, when one is left at which it fails while it answers
   * else, or when the worker closes. To be called before the worker registers, which ends the
   * attempts of the run before.
   */
  void send(BooleanSupplier closing) throws InterruptedException {
    if (spool == null) {
      return;
    }
    Deque<Left> waiting = new ArrayDeque<>();
    spool.left().forEach(result -> waiting.add(Left.of(result)));
    waiting.removeIf(left -> hopeless.contains(left.ref()));
    for (int failures = 0; !waiting.isEmpty() && !closing.getAsBoolean(); ) {
      List<Left> again = post(batch(waiting), spool);
      waiting.addAll(again);
      failures = again.isEmpty() ? 0 : failures + 1;
      if (failures > 0) {
        Thread.sleep(Pauses.after(failures));
      }
    }
  }

  private static List<Left> batch(Deque<Left> waiting) {
    List<Left> batch = new ArrayList<>(List.of(waiting.remove()));
    while (!batch.getFirst().goesAlone() && batch.size() < AT_ONCE) {
      Left next = waiting.peek();
      if (next == null || next.goesAlone()) {
        break;
      }
      batch.add(waiting.remove());
    }
    return batch;
  }

  /** Returns those that must be sent again. */
  private List<Left> post(List<Left> batch, ResultSpool from) throws InterruptedException {
    try {
      return judge(batch, gateway.post(batch.stream().map(Left::result).toList()), from);
    } catch (Refused e) {
      if (Verdict.ofCall(e.status()) != Verdict.INVALID) {
        return failed(batch, e);
      }
      if (batch.size() > 1) {
        return singly(batch, from);
      }
      setAside(batch.getFirst(), e.status(), from);
      return List.of();
    } catch (IOException e) {
      return failed(batch, e);
    }
  }

  private List<Left> singly(List<Left> batch, ResultSpool from) throws InterruptedException {
    List<Left> again = new ArrayList<>();
    for (Left left : batch) {
      again.addAll(post(List.of(left), from));
    }
    return again;
  }

  private List<Left> failed(List<Left> batch, IOException why) throws InterruptedException {
    log.warn("{} results of an earlier run wait: {}", batch.size(), GatewayCalls.describe(why));
    List<Left> again = new ArrayList<>();
    for (Left left : batch) {
      again.addAll(unlessHopeless(left));
    }
    return again;
  }

  /** A server that fails at one result must not keep the worker from its work for ever. */
  private List<Left> unlessHopeless(Left left) throws InterruptedException {
    Left failed = left.goesAlone() && answersElse(left) ? left.failedAlone() : left.failed();
    if (!failed.isHopeless(patience)) {
      return List.of(failed);
    }
    log.error("the server fails at the result of {}; it stays on disk", left.ref());
    hopeless.add(left.ref());
    return List.of();
  }

  /** Whether the server answers a question about the same step, whatever it says. */
  private boolean answersElse(Left left) throws InterruptedException {
    try {
      var unused = gateway.result(left.result().workflowId(), left.result().stepId());
      return true;
    } catch (Refused e) {
      return e.isOfTheServer() && !e.isPassing() && !e.isOfTheToken();
    } catch (IOException e) {
      return false;
    }
  }

  private List<Left> judge(List<Left> batch, List<BatchAnswer.Item> answers, ResultSpool from)
      throws InterruptedException {
    List<Left> again = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Left left = batch.get(i);
      int status = answers.get(i).status();
      switch (Verdict.ofResult(status)) {
        case TAKEN, STALE -> {
          log.info("the result of {}, of an earlier run, is answered: {}", left.ref(), status);
          from.forget(left.ref());
        }
        case UNKNOWN, INVALID -> setAside(left, status, from);
        case AGAIN -> again.addAll(unlessHopeless(left));
      }
    }
    return again;
  }

  private static void setAside(Left left, int status, ResultSpool from) {
    log.warn("the result of {}, of an earlier run, is not taken: {}", left.ref(), status);
    from.setAside(left.result());
  }
}
