package io.agentmanager.planner.submission;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.JournalRelay;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.OutboxLimit;
import io.agentmanager.tracing.TraceParent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Keeps submissions and plans: state and journal commit together, then others are woken. */
@Component
public class Submissions {
  /** The name of the job that plans a submission. */
  public static final String PLAN_JOB = "plan-workflow";

  private static final Duration OPEN_PAUSE = Duration.ofSeconds(5);
  private static final Duration IDEMPOTENCY = Duration.ofHours(24);

  /** By time (UUIDv7, RFC 9562), so that the rows of new workflows share pages of every index. */
  private static final NoArgGenerator IDS = Generators.timeBasedEpochRandomGenerator();

  private final SubmissionStore store;
  private final JournalStore journal;
  private final JournalRelay relay;
  private final Intake intake;
  private final OutboxLimit outbox;
  private final TransactionTemplate transaction;
  private final PlanningWaits waits;
  private final InstantSource clock;

  Submissions(
      SubmissionStore store,
      JournalStore journal,
      JournalRelay relay,
      Intake intake,
      OutboxLimit outbox,
      TransactionTemplate transaction,
      PlanningWaits waits,
      InstantSource clock) {
    this.store = store;
    this.journal = journal;
    this.relay = relay;
    this.intake = intake;
    this.outbox = outbox;
    this.transaction = transaction;
    this.waits = waits;
    this.clock = clock;
  }

  /** What became of a submission: as it is stored, and whether this call stored it. */
  record Taken(SubmissionStore.Stored stored, boolean isNew) {}

  /**
   * Stores a valid submission, or finds the one that came with the same idempotency key.
   *
   * @throws ProblemException 503 when too much waits for Kafka to take on more, 429 when the tenant
   *     has too many open workflows
   */
  Taken take(
      TenantId tenant,
      TaskSubmission submission,
      @Nullable String idempotencyKey,
      String hash,
      @Nullable String traceparent) {
    if (outbox.isReached()) {
      throw ProblemException.of(ProblemType.UNAVAILABLE, "Too much waits for Kafka. Try again.");
    }
    SubmissionStore.Stored stored =
        stored(tenant, submission, hash, TraceParent.valid(traceparent));
    return switch (intake.store(SubmissionStore.Row.of(stored, idempotencyKey))) {
      case STORED -> new Taken(stored, true);
      case KEY_TAKEN ->
          new Taken(store.findByKey(tenant, String.valueOf(idempotencyKey)).orElseThrow(), false);
      case TOO_MANY_OPEN ->
          throw ProblemException.tooMany(
              "The tenant has as many open workflows as it may have.", OPEN_PAUSE);
    };
  }

  /** What came with an idempotency key before. */
  Optional<SubmissionStore.Stored> earlier(TenantId tenant, @Nullable String idempotencyKey) {
    return idempotencyKey == null ? Optional.empty() : store.findByKey(tenant, idempotencyKey);
  }

  /** What is known of a workflow. */
  public Optional<PlanDocument> find(WorkflowKey key) {
    return store.find(key).map(SubmissionStore.Stored::document);
  }

  /** What is known of several workflows, as far as it fits one answer: at least one of them. */
  List<PlanDocument> find(List<WorkflowKey> keys) {
    return store.find(keys).stream().map(SubmissionStore.Stored::document).toList();
  }

  /** The plan is there. Said again, it changes nothing. */
  public void planned(WorkflowKey key, List<StepSpec> made, Usage usage) {
    Instant now = clock.instant();
    List<StepSpec> plan = SubmissionRules.normalised(made);
    transaction.executeWithoutResult(
        status -> {
          if (store.planned(key, plan, usage, now)) {
            journal.append(List.of(Intake.planned(key, true, plan.size())), now);
          }
        });
    afterPlanning(key);
  }

  /** There will be no plan. Said again, it changes nothing. */
  public void planningFailed(WorkflowKey key, StepError failure, Usage usage) {
    Instant now = clock.instant();
    transaction.executeWithoutResult(
        status -> {
          if (store.failed(key, failure, usage, now)) {
            journal.append(List.of(Intake.planned(key, false, 0)), now);
          }
        });
    afterPlanning(key);
  }

  /** These have ended: from now on counts the time that their submissions are kept. */
  public void finished(List<WorkflowKey> keys) {
    store.finished(keys, clock.instant());
  }

  /** Removes submissions whose workflows ended before that time; returns how many. */
  public int removeFinishedBefore(Instant time, int limit) {
    Integer removed = transaction.execute(status -> removeWithin(time, limit));
    return removed == null ? 0 : removed;
  }

  private int removeWithin(Instant time, int limit) {
    List<WorkflowKey> ended =
        store.lockFinishedBefore(time, clock.instant().minus(IDEMPOTENCY), limit);
    if (!ended.isEmpty()) {
      journal.remove(ended);
      store.remove(ended);
    }
    return ended.size();
  }

  private void afterPlanning(WorkflowKey key) {
    relay.wake();
    find(key).ifPresent(document -> waits.planned(key, document));
  }

  private SubmissionStore.Stored stored(
      TenantId tenant, TaskSubmission submission, String hash, @Nullable String traceparent) {
    List<StepSpec> plan =
        submission.tasks() == null ? null : SubmissionRules.normalised(submission.tasks());
    TaskSubmission goal =
        new TaskSubmission(
            submission.description(),
            submission.complexity(),
            submission.deadline(),
            submission.priority(),
            submission.metadata(),
            null,
            submission.audit(),
            submission.budget(),
            submission.onFailure());
    return new SubmissionStore.Stored(
        new PlanDocument(
            tenant.value(),
            IDS.generate().toString(),
            goal,
            plan,
            null,
            Usage.NONE,
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            traceparent),
        hash,
        plan != null);
  }
}
