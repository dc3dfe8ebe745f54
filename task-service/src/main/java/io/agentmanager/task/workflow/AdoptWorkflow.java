package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.OutboxLimit;
import io.agentmanager.journal.RetentionSettings;
import io.agentmanager.task.event.PlannerClient;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Takes over from the planner what the task-service does not know yet. An event and a question of a
 * user do the same, whoever comes first, and doing it again changes nothing.
 */
@Component
public class AdoptWorkflow {
  private static final int AT_ONCE = 20;
  private final WorkflowQueries queries;
  private final AdoptionStore store;
  private final PlannerClient planner;
  private final WriteLanes lanes;
  private final OutboxLimit outbox;
  private final RetentionSettings retention;
  private final InstantSource clock;
  private final Map<WorkflowKey, CompletableFuture<WriteReply>> arriving =
      new ConcurrentHashMap<>();

  AdoptWorkflow(
      WorkflowQueries queries,
      AdoptionStore store,
      PlannerClient planner,
      WriteLanes lanes,
      OutboxLimit outbox,
      RetentionSettings retention,
      InstantSource clock) {
    this.outbox = outbox;
    this.retention = retention;
    this.clock = clock;
    this.queries = queries;
    this.store = store;
    this.planner = planner;
    this.lanes = lanes;
  }

  /**
   * Takes over the workflow as the planner knows it; false when the planner does not know it.
   *
   * @throws ProblemException 503 when too much waits for Kafka to take on more
   */
  public boolean adopt(WorkflowKey key) {
    refuseWhenFull();
    Optional<PlanDocument> document = planner.plan(key).filter(this::isYoung);
    document.ifPresent(d -> adopt(d).join());
    return document.isPresent();
  }

  /**
   * Takes over what is not here yet of these, as far as the planner knows it.
   *
   * @return what became of each that the planner knows; of the others nothing is said
   * @throws ProblemException 503 when too much waits for Kafka to take on more
   */
  public Map<WorkflowKey, CompletableFuture<WriteReply>> adopt(List<WorkflowKey> keys) {
    refuseWhenFull();
    Map<WorkflowKey, CompletableFuture<WriteReply>> adopted = new LinkedHashMap<>();
    for (WorkflowKey key : keys) {
      CompletableFuture<WriteReply> here = arriving.get(key);
      if (here != null) {
        adopted.put(key, here);
      }
    }
    Map<TenantId, List<WorkflowKey>> tenants =
        keys.stream()
            .filter(key -> !adopted.containsKey(key))
            .collect(Collectors.groupingBy(WorkflowKey::tenant));
    tenants.forEach(
        (tenant, own) -> {
          for (int i = 0; i < own.size(); i += AT_ONCE) {
            List<WorkflowKey> some = own.subList(i, Math.min(own.size(), i + AT_ONCE));
            planner.plans(tenant, some).stream()
                .filter(this::isYoung)
                .forEach(document -> adopted.put(key(document), adopt(document)));
          }
        });
    return adopted;
  }

  /**
   * Takes over what the planner brings of its own accord. The future completes after the commit.
   *
   * @throws ProblemException 503 when too much waits for Kafka to take on more
   */
  CompletableFuture<Void> takeOver(List<PlanDocument> documents) {
    refuseWhenFull();
    return CompletableFuture.allOf(
        documents.stream()
            .filter(this::isYoung)
            .map(this::adopt)
            .toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<WriteReply> adopt(PlanDocument document) {
    WorkflowKey key = key(document);
    CompletableFuture<WriteReply> reply = lanes.submit(new WriteRequest.Adopt(key, document));
    // Whoever brings the news of a plan must not be told that a workflow without one is on its way.
    if (document.tasks() != null || document.failure() != null) {
      arriving.put(key, reply);
      var unused = reply.whenComplete((done, failure) -> arriving.remove(key, reply));
    }
    return reply;
  }

  private static WorkflowKey key(PlanDocument document) {
    return WorkflowKey.of(document.tenantId(), document.workflowId());
  }

  private void refuseWhenFull() {
    if (outbox.isReached()) {
      throw ProblemException.of(ProblemType.UNAVAILABLE, "Too much waits for Kafka. Try again.");
    }
  }

  /** What is older than tombstones was here once, and its tombstone is gone. */
  private boolean isYoung(PlanDocument document) {
    Duration oldest = retention.finished().plus(retention.tombstones());
    return document.createdAt().isAfter(clock.instant().minus(oldest));
  }

  /**
   * Of which there is nothing to take over: they are past planning, or were removed long after
   * their end.
   */
  public Set<WorkflowKey> settled(List<WorkflowKey> keys) {
    return store.settled(keys);
  }

  /** Whether the workflow was removed long after its end: news of it changes nothing any more. */
  public boolean isGone(WorkflowKey key) {
    return queries.isGone(key);
  }

  /**
   * Makes sure that the workflow is there.
   *
   * @throws ProblemException 404 when nobody knows it
   */
  void ensure(WorkflowKey key) {
    CompletableFuture<WriteReply> here = arriving.get(key);
    if (here != null && here.handle((reply, failure) -> failure == null).join()) {
      return;
    }
    if (!queries.exists(key) && (queries.isGone(key) || !adopt(key))) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such workflow.");
    }
  }
}
