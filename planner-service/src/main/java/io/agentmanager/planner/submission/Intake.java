package io.agentmanager.planner.submission;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowPlanned;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowSubmitted;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.http.ProblemException;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.jobs.JobRunner;
import io.agentmanager.journal.BatchLane;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalRelay;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.WorkflowTraces;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Stores submissions, those that come side by side in one transaction: state, journal and job
 * commit together, then others are woken.
 */
@Component
final class Intake implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Intake.class);
  private static final int BATCH = 50;
  private static final int QUEUE = 2_000;

  private final SubmissionStore store;
  private final JournalStore journal;
  private final JournalRelay relay;
  private final PlanDelivery delivery;
  private final ObjectProvider<JobRunner> jobs;
  private final TransactionTemplate transaction;
  private final LimitSettings limits;
  private final WorkflowTraces traces;
  private final InstantSource clock;
  private final BatchLane<SubmissionStore.Row, Outcome> lane =
      new BatchLane<>("intake", BATCH, QUEUE, SubmissionStore.Row::isLarge, this::store);
  private volatile boolean running;

  Intake(
      SubmissionStore store,
      JournalStore journal,
      JournalRelay relay,
      PlanDelivery delivery,
      ObjectProvider<JobRunner> jobs,
      TransactionTemplate transaction,
      LimitSettings limits,
      WorkflowTraces traces,
      InstantSource clock) {
    this.store = store;
    this.journal = journal;
    this.relay = relay;
    this.delivery = delivery;
    this.jobs = jobs;
    this.transaction = transaction;
    this.limits = limits;
    this.traces = traces;
    this.clock = clock;
  }

  /** What became of a submission. */
  enum Outcome {
    STORED,
    /** Its idempotency key came before. */
    KEY_TAKEN,
    /** Its tenant has as many open workflows as it may have. */
    TOO_MANY_OPEN
  }

  /**
   * Stores one and returns after the commit. Blocks.
   *
   * @throws ProblemException 503 when too many wait
   */
  Outcome store(SubmissionStore.Row row) {
    return lane.offer(row)
        .orElseThrow(
            () -> ProblemException.of(ProblemType.UNAVAILABLE, "Too much is waiting. Try again."))
        .join();
  }

  private List<Outcome> store(List<SubmissionStore.Row> rows) {
    Batch batch = transaction.execute(status -> insert(rows));
    if (batch == null) {
      throw new IllegalStateException("a batch came to nothing");
    }
    tellOthers(rows.stream().filter(row -> isIn(batch.stored(), row)).toList());
    return rows.stream().map(batch::outcome).toList();
  }

  private record Batch(Set<String> stored, Set<String> refused) {
    Outcome outcome(SubmissionStore.Row row) {
      if (isIn(stored, row)) {
        return Outcome.STORED;
      }
      return isIn(refused, row) ? Outcome.TOO_MANY_OPEN : Outcome.KEY_TAKEN;
    }
  }

  /** They find it by themselves too, if later: what is stored has not failed any more. */
  private void tellOthers(List<SubmissionStore.Row> fresh) {
    try {
      delivery.offer(fresh);
      relay.wake();
      if (fresh.stream().anyMatch(row -> document(row).tasks() == null)) {
        jobs.getObject().wake();
      }
    } catch (RuntimeException e) {
      log.warn("nobody was told of {} submissions: {}", fresh.size(), e.toString());
    }
  }

  private Batch insert(List<SubmissionStore.Row> rows) {
    Set<String> refused = beyondLimits(rows);
    List<SubmissionStore.Row> allowed = rows.stream().filter(r -> !isIn(refused, r)).toList();
    Set<String> stored = allowed.isEmpty() ? Set.of() : store.insert(allowed);
    List<JournalEntry> entries = new ArrayList<>();
    for (SubmissionStore.Row row : allowed) {
      if (isIn(stored, row)) {
        note(document(row), entries);
      }
    }
    Map<WorkflowKey, String> places = new HashMap<>();
    for (SubmissionStore.Row row : allowed) {
      String place = document(row).traceparent();
      if (place != null && isIn(stored, row)) {
        places.put(WorkflowKey.of(document(row).tenantId(), document(row).workflowId()), place);
      }
    }
    traces.keep(places);
    journal.append(entries, clock.instant());
    return new Batch(stored, refused);
  }

  /** Those for which their tenants have no room. */
  private Set<String> beyondLimits(List<SubmissionStore.Row> rows) {
    Map<TenantId, List<SubmissionStore.Row>> byTenant =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> new TenantId(document(row).tenantId()),
                    () -> new TreeMap<>(Comparator.comparing(TenantId::value)),
                    Collectors.toList()));
    Set<String> refused = new HashSet<>();
    byTenant.forEach(
        (tenant, own) -> {
          Integer most = limits.of(tenant).openWorkflows();
          if (most != null) {
            int room = most - store.lockAndCountOpen(tenant, most);
            own.stream().skip(room).forEach(row -> refused.add(document(row).workflowId()));
          }
        });
    return refused;
  }

  private void note(PlanDocument document, List<JournalEntry> entries) {
    WorkflowKey key = WorkflowKey.of(document.tenantId(), document.workflowId());
    entries.add(
        JournalEntry.published(
            "workflow.submitted", new WorkflowSubmitted(key.tenant(), key.workflow())));
    if (document.tasks() != null) {
      entries.add(planned(key, true, document.tasks().size()));
    } else {
      jobs.getObject().schedule(Submissions.PLAN_JOB, new JobKey(key, 0), document.traceparent());
    }
  }

  static JournalEntry planned(WorkflowKey key, boolean succeeded, int steps) {
    return JournalEntry.published(
        "workflow.planned", new WorkflowPlanned(key.tenant(), key.workflow(), succeeded, steps));
  }

  private static boolean isIn(Set<String> stored, SubmissionStore.Row row) {
    return stored.contains(document(row).workflowId());
  }

  private static PlanDocument document(SubmissionStore.Row row) {
    return row.stored().document();
  }

  @Override
  public void start() {
    lane.start();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    lane.stop();
  }

  /** Stops after the web server, which still takes submissions. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
