package io.agentmanager.gateway.identity;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Blocking work that goes on to its end when the caller hangs up. A thread that is interrupted
 * while it asks the database loses the connection, and callers that hang up would empty the pool.
 */
public final class Detached {
  private Detached() {}

  /** Does the work on that scheduler, when subscribed to. */
  public static <T> Mono<T> work(Scheduler scheduler, Supplier<T> work) {
    Executor executor = scheduler::schedule;
    return Mono.fromFuture(() -> CompletableFuture.supplyAsync(work, executor), true);
  }
}
