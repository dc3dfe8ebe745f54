package io.agentmanager.task.overview;

import io.agentmanager.contracts.api.Overview;
import io.agentmanager.contracts.api.Overview.Queue;
import io.agentmanager.contracts.api.Overview.Stuck;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.task.limit.Allowances;
import io.agentmanager.task.worker.LeaseSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Looks at what goes on in a tenant, and says what does not. */
@Component
class ReadOverview {
  /** A worker that comes back after a restart, or one that is being started, takes that long. */
  static final Duration UNSERVED = Duration.ofMinutes(1);

  static final Duration QUIET = Duration.ofMinutes(10);
  private static final int MOST_STUCK = 50;
  private static final String SPENT =
      "The tenant's models have used up the day's limit: steps are handed out again from midnight"
          + " in UTC, or with a higher limit.";
  private final OverviewQueries queries;
  private final Allowances allowances;
  private final LeaseSettings leases;
  private final InstantSource clock;

  ReadOverview(
      OverviewQueries queries, Allowances allowances, LeaseSettings leases, InstantSource clock) {
    this.queries = queries;
    this.allowances = allowances;
    this.leases = leases;
    this.clock = clock;
  }

  Overview of(TenantId tenant) {
    Instant now = clock.instant();
    OverviewQueries.Queues queues = queries.queues(tenant, now.minus(grace()));
    Map<String, Long> steps = queries.steps(tenant);
    List<Stuck> stuck =
        Stream.of(
                unclaimed(tenant, queues.longest(), now),
                withoutFiles(tenant, now),
                asking(tenant, now),
                quiet(tenant, now))
            .flatMap(found -> found)
            .sorted(Comparator.comparing(Stuck::since))
            .limit(MOST_STUCK)
            .toList();
    return new Overview(
        now,
        queries.workflows(tenant),
        new Overview.Steps(
            queues.steps(),
            steps.getOrDefault("working", 0L),
            steps.getOrDefault("files", 0L),
            steps.getOrDefault("backoff", 0L)),
        queues.longest(),
        queries.open(tenant),
        queries.ended(tenant),
        queries.workers(tenant, now.minus(leases.lease())),
        queries.living(tenant, now.minus(leases.lease())),
        stuck);
  }

  private Duration grace() {
    return leases.lease().compareTo(UNSERVED) > 0 ? leases.lease() : UNSERVED;
  }

  private Stream<Stuck> unclaimed(TenantId tenant, List<Queue> queues, Instant now) {
    boolean spent = allowances.isSpent(tenant, now);
    return queues.stream()
        .filter(queue -> spent || queue.workers() == 0)
        .filter(queue -> isBefore(queue.oldestReadyAt(), now, UNSERVED))
        .limit(MOST_STUCK)
        .map(Queue::capability)
        .map(
            capability ->
                queries.unclaimed(
                    tenant, capability, now.minus(UNSERVED), spent ? SPENT : unoffered(capability)))
        .flatMap(List::stream);
  }

  private static String unoffered(String capability) {
    return "No living worker offers " + capability + ": start one, or cancel the workflow.";
  }

  private Stream<Stuck> withoutFiles(TenantId tenant, Instant now) {
    return queries
        .withoutFiles(
            tenant, now.minus(QUIET), "It waits for files that steps at work hold, or their locks.")
        .stream();
  }

  private Stream<Stuck> asking(TenantId tenant, Instant now) {
    return queries
        .asking(
            tenant,
            now.minus(QUIET),
            "It asks a person: GET the workflow shows what, POST .../approval answers.")
        .stream();
  }

  private Stream<Stuck> quiet(TenantId tenant, Instant now) {
    return queries.quiet(tenant, now.minus(QUIET)).stream()
        .map(
            silent ->
                new Stuck(silent.workflowId(), null, silent.since(), quietness(silent.status())));
  }

  private static String quietness(WorkflowStatus status) {
    return switch (status) {
      case PLANNING -> "It is being planned and nothing happens: ./am doctor looks at the planner.";
      case AUDITING ->
          "It waits for its audit and nothing happens: ./am doctor looks at the auditor.";
      case SYNTHESIZING ->
          "It waits for its answer and nothing happens: ./am doctor looks at the planner, which"
              + " writes it.";
      case RUNNING, REWORKING, PAUSED, COMPLETED, FAILED, CANCELLED ->
          "It has no step that anybody could work on: its history says how it came there.";
    };
  }

  private static boolean isBefore(@Nullable Instant moment, Instant now, Duration ago) {
    return moment != null && moment.isBefore(now.minus(ago));
  }
}
