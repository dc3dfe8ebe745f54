package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What goes on in a tenant, as {@code GET /v1/overview} shows it; at most some seconds old.
 *
 * @param at when it was read
 * @param workflows how many have not ended, by state; a state without any is left out
 * @param queues what waits for a worker, by capability: 200 queues at most, those that nobody
 *     living serves before the longest; the longest wait first
 * @param open workflows that have not ended: the newest 25 and the oldest 25
 * @param workers those heard of last, at most 100
 * @param livingWorkers how many were heard of within a lease
 * @param ended of the newest 500 submissions, the 10 that ended last, the last first
 * @param stuck what does not go on by itself, the oldest first, at most 50: steps that nobody
 *     living offers to do, that wait for the next day's budget, or that have long waited for files,
 *     and of the oldest 200 workflows those that wait for a service or have no step that could be
 *     worked on, without news for ten minutes
 */
public record Overview(
    Instant at,
    Map<WorkflowStatus, Long> workflows,
    Steps steps,
    List<Queue> queues,
    List<OpenWorkflow> open,
    List<EndedWorkflow> ended,
    List<WorkerBrief> workers,
    long livingWorkers,
    List<Stuck> stuck) {
  /**
   * Steps of all open workflows that could be worked on.
   *
   * @param ready for any worker that offers the capability
   * @param inProgress with a worker
   * @param waitingForFiles that others hold
   * @param backingOff between two attempts
   */
  public record Steps(long ready, long inProgress, long waitingForFiles, long backingOff) {}

  /**
   * A worker.
   *
   * @param status {@code active}; {@code silent} when it was not heard of for a lease
   * @param agentCapabilities the first 20
   * @param holding how many steps it works on
   */
  public record WorkerBrief(
      String clientAgentId,
      String status,
      List<String> agentCapabilities,
      int maxParallelTasks,
      int holding,
      Instant lastHeartbeat) {}

  /**
   * Steps that wait for a worker.
   *
   * @param oldestReadyAt since when the first of them waits; absent when not known
   * @param workers that offer the capability and were heard of in the last minute
   */
  public record Queue(
      String capability, long ready, @Nullable Instant oldestReadyAt, long workers) {}

  /**
   * A workflow that has not ended.
   *
   * @param description its first 200 characters
   * @param openSteps that have not ended
   * @param lastEventAt the newest entry of its history
   */
  public record OpenWorkflow(
      String workflowId,
      WorkflowStatus status,
      String description,
      int openSteps,
      Instant createdAt,
      Instant lastEventAt) {}

  /**
   * A workflow that has ended.
   *
   * @param description its first 200 characters
   */
  public record EndedWorkflow(
      String workflowId,
      WorkflowStatus status,
      String description,
      Instant createdAt,
      Instant completedAt) {}

  /**
   * What does not go on.
   *
   * @param stepId absent where it is the workflow as a whole
   * @param since when it began to wait, or last went on
   * @param reason a sentence, with what to do about it
   */
  public record Stuck(String workflowId, @Nullable String stepId, Instant since, String reason) {}
}
