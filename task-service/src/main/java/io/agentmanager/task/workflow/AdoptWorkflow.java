package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.OutboxLimit;
import io.agentmanager.journal.RetentionSettings;
import io.agentmanager.task.event.PlannerClient;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Takes over from the planner what the task-service does not know yet. An event and a question of a
 * user do the same, whoever comes first, and doing it again changes nothing.
 */
@Component
public class AdoptWorkflow {
  private final WorkflowQueries queries;
  private final PlannerClient planner;
  private final WriteLanes lanes;
  private final OutboxLimit outbox;
  private final RetentionSettings retention;
  private final InstantSource clock;

  AdoptWorkflow(
      WorkflowQueries queries,
      PlannerClient planner,
      WriteLanes lanes,
      OutboxLimit outbox,
      RetentionSettings retention,
      InstantSource clock) {
    this.outbox = outbox;
    this.retention = retention;
    this.clock = clock;
    this.queries = queries;
    this.planner = planner;
    this.lanes = lanes;
  }

  /**
   * Takes over the workflow as the planner knows it; false when the planner does not know it.
   *
   * @throws ProblemException 503 when too much waits for Kafka to take on more
   */
  public boolean adopt(WorkflowKey key) {
    if (outbox.isReached()) {
      throw ProblemException.of(ProblemType.UNAVAILABLE, "Too much waits for Kafka. Try again.");
    }
    Optional<PlanDocument> document = planner.plan(key).filter(this::isYoung);
    document.ifPresent(d -> lanes.submit(new WriteRequest.Adopt(key, d)).join());
    return document.isPresent();
  }

  /** What is older than tombstones was here once, and its tombstone is gone. */
  private boolean isYoung(PlanDocument document) {
    Duration oldest = retention.finished().plus(retention.tombstones());
    return document.createdAt().isAfter(clock.instant().minus(oldest));
  }

  /**
   * Whether there is nothing to take over: the workflow is past planning, or was removed long after
   * its end.
   */
  public boolean isSettled(WorkflowKey key) {
    return queries.isPlanned(key) || isGone(key);
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
    if (!queries.exists(key) && (queries.isGone(key) || !adopt(key))) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such workflow.");
    }
  }
}
