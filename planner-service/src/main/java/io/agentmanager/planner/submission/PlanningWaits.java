package io.agentmanager.planner.submission;

import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Submitters who would rather wait a little for the plan ({@code Prefer: wait=N}). */
@Component
class PlanningWaits {
  private final Map<WorkflowKey, CompletableFuture<PlanDocument>> waiting =
      new ConcurrentHashMap<>();

  /** Waits until planning has ended, but no longer than the given time. */
  Optional<PlanDocument> await(
      WorkflowKey key, Duration atMost, Supplier<Optional<PlanDocument>> look) {
    CompletableFuture<PlanDocument> planned =
        waiting.computeIfAbsent(key, k -> new CompletableFuture<>());
    try {
      look.get().filter(d -> d.tasks() != null || d.failure() != null).ifPresent(planned::complete);
      return Optional.of(planned.get(atMost.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      waiting.remove(key, planned);
    }
  }

  void planned(WorkflowKey key, PlanDocument document) {
    CompletableFuture<PlanDocument> planned = waiting.get(key);
    if (planned != null) {
      planned.complete(document);
    }
  }
}
