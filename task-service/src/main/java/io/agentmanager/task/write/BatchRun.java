package io.agentmanager.task.write;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.lifecycle.Decision;
import io.agentmanager.task.lifecycle.Lifecycle;
import io.agentmanager.task.lifecycle.PlanAdmission;
import io.agentmanager.task.lifecycle.StepState;
import io.agentmanager.task.lifecycle.WorkflowState;
import io.agentmanager.task.write.ResultStore.AttemptKey;
import io.agentmanager.task.write.WriteReply.Done;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;

/**
 * One batch within its transaction: load and lock what the requests touch (steps in the order of
 * their keys, then workflows), decide in memory, write everything back at once.
 */
final class BatchRun {
  private static final StepError LEASE_LOST =
      new StepError("lease_lost", "Its worker was not heard of for a whole lease.", Boolean.TRUE);
  private final WriteBatch.Stores stores;
  private final HandOver handOver;
  private final Instant now;
  private final Pipeline pipeline;

  private final Map<WorkflowKey, WorkflowState> states = new LinkedHashMap<>();
  private final Map<AttemptKey, ResultStore.Known> knownResults = new HashMap<>();
  private final AttemptIterations iterations = new AttemptIterations();
  private final List<PlanDocument> created = new ArrayList<>();
  private final Map<WorkflowKey, List<StepSpec>> admitted = new LinkedHashMap<>();
  private final Map<StepKey, StepState> changedSteps = new LinkedHashMap<>();
  private final Set<WorkflowKey> changedWorkflows = new LinkedHashSet<>();
  private final List<ResultStore.Accepted> results = new ArrayList<>();
  private final List<ApprovalStore.Decided> decided = new ArrayList<>();
  private final List<WorkflowStore.Spent> spent = new ArrayList<>();
  private final Spending spending = new Spending();
  private final List<JournalEntry> entries = new ArrayList<>();
  private HandOver.Offer offer = HandOver.Offer.NONE;

  BatchRun(WriteBatch.Stores stores, HandOver handOver, Instant now) {
    this.stores = stores;
    this.handOver = handOver;
    this.now = now;
    this.pipeline = new Pipeline(stores.jdbc());
  }

  WriteBatch.Written run(List<WriteRequest> requests) {
    load(requests);
    List<WriteReply> replies = requests.stream().map(this::handle).toList();
    store();
    return new WriteBatch.Written(replies, entries, spending);
  }

  /** What was handed out if all of this commits. */
  HandOver.Offer offer() {
    return offer;
  }

  private void load(List<WriteRequest> requests) {
    Set<AttemptKey> attempts = new LinkedHashSet<>();
    Set<StepKey> steps = new LinkedHashSet<>();
    Set<WorkflowKey> whole = new LinkedHashSet<>();
    Set<WorkflowKey> workflows = new LinkedHashSet<>();
    for (WriteRequest request : requests) {
      workflows.add(request.key());
      switch (request) {
        case WriteRequest.Apply r -> {
          need(r.key(), r.command(), steps, whole);
          if (r.command() instanceof Command.OfAttempt c) {
            attempts.add(new AttemptKey(new StepKey(r.key(), c.step()), c.attempt()));
          }
        }
        case WriteRequest.PostResult r -> {
          attempts.add(AttemptKey.of(r.key(), r.result()));
          need(r.key(), command(r.result()), steps, whole);
        }
        case WriteRequest.PostIterations r -> {
          StepKey step = new StepKey(r.key(), r.step());
          steps.add(step);
          attempts.add(new AttemptKey(step, r.attempt()));
        }
        case WriteRequest.Adopt r -> {}
      }
    }
    Map<WorkflowKey, Map<StepId, StepState>> loaded = stores.steps().lock(pipeline, steps, whole);
    Map<WorkflowKey, WorkflowState> locked = stores.workflows().lock(pipeline, workflows);
    Map<AttemptKey, List<Iteration>> posted = stores.results().posted(pipeline, attempts);
    pipeline.flush();
    locked.forEach(
        (key, state) -> states.put(key, state.seeing(loaded.getOrDefault(key, Map.of()))));
    iterations.know(posted);
    whole.forEach(this::mustBeWhole);
    knownResults.putAll(
        stores.results().find(attempts.stream().filter(a -> !isRunning(a)).toList()));
  }

  /** What runs has no result yet. */
  private boolean isRunning(AttemptKey attempt) {
    WorkflowState state = states.get(attempt.step().workflow());
    StepState step = state == null ? null : state.steps().get(attempt.step().step());
    return step != null && step.isRunning(attempt.attempt());
  }

  /** A plan that another replica admitted between the two locks: look again. */
  private void mustBeWhole(WorkflowKey key) {
    WorkflowState state = states.get(key);
    if (state != null
        && state.steps().values().stream().filter(s -> s.status().isOpen()).count()
            < state.openSteps()) {
      throw new ConcurrencyFailureException(key + " grew while it was being locked");
    }
  }

  private static void need(
      WorkflowKey key, Command command, Set<StepKey> steps, Set<WorkflowKey> whole) {
    if (Lifecycle.needsAllSteps(command)) {
      whole.add(key);
    } else if (command instanceof Command.OfAttempt c) {
      steps.add(new StepKey(key, c.step()));
    } else if (command instanceof Command.EndBackoff c) {
      steps.add(new StepKey(key, c.step()));
    }
  }

  private WriteReply handle(WriteRequest request) {
    return switch (request) {
      case WriteRequest.Apply r -> apply(r);
      case WriteRequest.Adopt r -> adopt(r);
      case WriteRequest.PostResult r -> postResult(r);
      case WriteRequest.PostIterations r -> postIterations(r);
    };
  }

  private WriteReply apply(WriteRequest.Apply request) {
    WorkflowState state = states.get(request.key());
    if (state == null) {
      return new WriteReply.UnknownWorkflow();
    }
    if (request.expense() != null) {
      spent.add(new WorkflowStore.Spent(request.key(), request.expense()));
    }
    return switch (Lifecycle.decide(state, request.command(), now)) {
      case Decision.Refused refused -> ignore(request, refused);
      case Decision.Accepted accepted -> {
        endedByServer(state, request.command(), accepted.next().status());
        take(accepted);
        if (request.command() instanceof Command.DecideApproval c) {
          decided.add(decided(request.key(), state, c));
        }
        if (request.answer() != null) {
          stores.workflows().insertOutcome(request.key(), request.answer());
        }
        if (request.command() instanceof Command.FailAudit audit && !audit.exhausted()) {
          stores.steps().insertNotes(request.key(), audit.cycle(), audit.notes());
        }
        yield new Done(accepted.next().status());
      }
    };
  }

  /** An attempt that the server ended has a result too: why, and what it spent. */
  private void endedByServer(WorkflowState before, Command command, WorkflowStatus status) {
    StepError why =
        switch (command) {
          case Command.LoseLease c -> LEASE_LOST;
          case Command.Fail c -> c.error();
          case Command.Succeed c -> null;
          case Command.AskApproval c -> null;
          case Command.DecideApproval c -> null;
          case Command.Release c -> null;
          case Command.Admit c -> null;
          case Command.FailPlanning c -> null;
          case Command.EndBackoff c -> null;
          case Command.PassAudit c -> null;
          case Command.FailAudit c -> null;
          case Command.Synthesize c -> null;
          case Command.Cancel c -> null;
          case Command.MissDeadline c -> null;
        };
    if (why == null || !(command instanceof Command.OfAttempt c)) {
      return;
    }
    StepState step = before.steps().get(c.step());
    AttemptKey key = new AttemptKey(new StepKey(before.key(), c.step()), c.attempt());
    if (step == null || (!step.heard() && command instanceof Command.LoseLease)) {
      return;
    }
    StepResult result =
        new StepResult(
            before.key().workflow().value(),
            c.step().value(),
            String.valueOf(step.workerId()),
            c.attempt(),
            ResultStatus.FAILED,
            null,
            null,
            why);
    accepted(key, result, ResultStore.OF_SERVER, status);
  }

  /** News from another service that does not fit is noted; what a caller asked for is answered. */
  private WriteReply ignore(WriteRequest.Apply request, Decision.Refused refused) {
    boolean news =
        switch (request.command()) {
          case Command.PassAudit c -> true;
          case Command.FailAudit c -> true;
          case Command.Synthesize c -> true;
          case Command.Admit c -> false;
          case Command.FailPlanning c -> false;
          case Command.OfAttempt c -> false;
          case Command.DecideApproval c -> false;
          case Command.EndBackoff c -> false;
          case Command.Cancel c -> false;
          case Command.MissDeadline c -> false;
        };
    if (news) {
      entries.add(
          JournalEntry.noted(
              request.key(),
              "event.ignored",
              Map.of(
                  "command", request.command().getClass().getSimpleName(),
                  "why", refused.detail())));
    }
    return new WriteReply.Refused(refused);
  }

  private WriteReply adopt(WriteRequest.Adopt request) {
    WorkflowKey key = request.key();
    if (!states.containsKey(key)) {
      create(request);
    }
    WorkflowState state = states.get(key);
    Usage planning = request.document().usage();
    if (state != null && !planning.equals(Usage.NONE)) {
      spent.add(new WorkflowStore.Spent(key, new WriteRequest.Expense("planning", planning)));
    }
    if (state == null || state.status() != WorkflowStatus.PLANNING) {
      return new Done(state == null ? WorkflowStatus.PLANNING : state.status());
    }
    List<StepSpec> tasks = request.document().tasks();
    if (tasks != null) {
      int priority = request.document().submission().effectivePriority();
      admitted.put(key, tasks);
      decide(state, new Command.Admit(PlanAdmission.states(tasks, priority)));
    } else if (request.document().failure() != null) {
      decide(state, new Command.FailPlanning(request.document().failure()));
    }
    return new Done(states.getOrDefault(key, state).status());
  }

  private void create(WriteRequest.Adopt request) {
    var submission = request.document().submission();
    created.add(request.document());
    states.put(
        request.key(),
        WorkflowState.planning(
            request.key(),
            submission.effectiveOnFailure(),
            submission.effectiveAudit().effectiveMode(),
            submission.effectiveAudit().effectiveCycles()));
    entries.add(JournalEntry.noted(request.key(), "workflow.submitted", Map.of()));
  }

  private void decide(WorkflowState state, Command command) {
    if (Lifecycle.decide(state, command, now) instanceof Decision.Accepted accepted) {
      take(accepted);
    }
  }

  private WriteReply postResult(WriteRequest.PostResult request) {
    StepResult result = request.result();
    AttemptKey key = AttemptKey.of(request.key(), result);
    String hash = ResultStore.hash(result);
    ResultStore.Known known = knownResults.get(key);
    if (known != null && known.hash().equals(ResultStore.OF_SERVER)) {
      return new WriteReply.Refused(
          new Decision.Refused(
              Decision.Reason.STALE_ATTEMPT, "The server ended the attempt before."));
    }
    if (known != null) {
      return known.hash().equals(hash)
          ? new WriteReply.ResultAccepted(known.answer())
          : new WriteReply.OtherResultAccepted();
    }
    WorkflowState state = states.get(request.key());
    if (state == null) {
      return new WriteReply.UnknownWorkflow();
    }
    Decision.Refused foreign = heldByAnother(state, key.step().step(), result.clientId());
    if (foreign != null) {
      return new WriteReply.Refused(foreign);
    }
    return switch (Lifecycle.decide(state, command(result), now)) {
      case Decision.Refused refused -> new WriteReply.Refused(refused);
      case Decision.Accepted accepted -> accept(key, result, hash, accepted);
    };
  }

  private WriteReply accept(
      AttemptKey key, StepResult result, String hash, Decision.Accepted accepted) {
    take(accepted);
    return new WriteReply.ResultAccepted(accepted(key, result, hash, accepted.next().status()));
  }

  private ResultAnswer accepted(
      AttemptKey key, StepResult result, String hash, WorkflowStatus status) {
    ResultAnswer answer =
        new ResultAnswer(
            true, result.workflowId(), result.stepId(), result.attempt(), status, next(status));
    List<Iteration> posted = iterations.posted(key);
    List<Iteration> brought =
        result.raHistory() == null ? List.of() : result.raHistory().iterationList();
    Map<String, Usage> used = Spending.of(posted, brought);
    spending.grew(key.step().workflow().tenant(), Spending.of(posted, List.of()), used);
    results.add(new ResultStore.Accepted(key, result, hash, answer, Spending.sum(used)));
    iterations.bring(key, brought);
    knownResults.put(key, new ResultStore.Known(hash, answer));
    return answer;
  }

  private static ResultAnswer.NextAction next(WorkflowStatus status) {
    if (status.isFinished()) {
      return ResultAnswer.NextAction.COMPLETE;
    }
    return status == WorkflowStatus.AUDITING
        ? ResultAnswer.NextAction.AUDIT
        : ResultAnswer.NextAction.CONTINUE;
  }

  private WriteReply postIterations(WriteRequest.PostIterations request) {
    WorkflowState state = states.get(request.key());
    StepState step = state == null ? null : state.steps().get(request.step());
    if (state == null || step == null) {
      return new WriteReply.UnknownWorkflow();
    }
    Decision.Refused foreign = heldByAnother(state, request.step(), request.client());
    if (foreign != null || !step.isRunning(request.attempt())) {
      return new WriteReply.Refused(
          new Decision.Refused(
              Decision.Reason.STALE_ATTEMPT, "The attempt is not the current one."));
    }
    AttemptKey key = new AttemptKey(new StepKey(request.key(), request.step()), request.attempt());
    if (!iterations.fit(key, request.iterations())) {
      return new WriteReply.Refused(
          new Decision.Refused(
              Decision.Reason.TOO_MUCH,
              "An attempt may post "
                  + AttemptIterations.MOST
                  + " iterations; this one ends here."));
    }
    Map<String, Usage> before = Spending.of(iterations.posted(key), List.of());
    for (Iteration iteration : iterations.post(key, request.iterations())) {
      entries.add(
          JournalEntry.noted(
              request.key(),
              "step.iteration",
              request.step(),
              request.attempt(),
              IterationBrief.of(iteration)));
    }
    Map<String, Usage> after = Spending.of(iterations.posted(key), List.of());
    spending.grew(request.key().tenant(), before, after);
    return new Done(state.status());
  }

  /** An attempt has one holder; a result under another worker's name is not of this attempt. */
  private static Decision.@Nullable Refused heldByAnother(
      WorkflowState state, StepId id, String client) {
    StepState step = state.steps().get(id);
    boolean foreign =
        step != null
            && step.status() == StepStatus.IN_PROGRESS
            && step.workerId() != null
            && !step.workerId().equals(client);
    return foreign
        ? new Decision.Refused(
            Decision.Reason.STALE_ATTEMPT, "The attempt is held by another worker.")
        : null;
  }

  private static Command command(StepResult result) {
    StepId step = new StepId(result.stepId());
    return switch (result.status()) {
      case COMPLETED -> new Command.Succeed(step, result.attempt());
      case AWAITING_APPROVAL ->
          new Command.AskApproval(step, result.attempt(), Questions.brief(result.approval()));
      case FAILED ->
          new Command.Fail(
              step,
              result.attempt(),
              Objects.requireNonNullElse(
                  result.error(), new StepError("failed", "The worker gave no reason.", null)));
    };
  }

  private static ApprovalStore.Decided decided(
      WorkflowKey key, WorkflowState before, Command.DecideApproval command) {
    StepState step = Objects.requireNonNull(before.steps().get(command.step()));
    return new ApprovalStore.Decided(new StepKey(key, command.step()), step.attempt(), command);
  }

  private void take(Decision.Accepted accepted) {
    WorkflowKey key = accepted.next().key();
    states.put(key, accepted.next());
    changedWorkflows.add(key);
    accepted.changed().forEach((id, step) -> changedSteps.put(new StepKey(key, id), step));
    entries.addAll(accepted.entries());
  }

  private void store() {
    stores.workflows().insert(pipeline, created);
    stores.traces().keep(pipeline, places());
    stores
        .steps()
        .insert(pipeline, admitted.entrySet().stream().flatMap(this::planned).toList(), now);
    List<StepStore.Changed> changed =
        changedSteps.entrySet().stream()
            .filter(e -> !admitted.containsKey(e.getKey().workflow()))
            .map(e -> new StepStore.Changed(e.getKey().workflow(), e.getValue()))
            .toList();
    List<FileLockStore.File> freed = release(changed);
    offer = handOver.offer(pipeline, ready());
    pipeline.flush();
    stores.steps().update(pipeline, changed.stream().filter(c -> !isHanded(c)).toList(), now);
    stores.workflows().update(pipeline, changedWorkflows.stream().map(this::stateOf).toList(), now);
    stores.workflows().spend(pipeline, spent, day());
    stores.results().insert(pipeline, results, now);
    stores.approvals().ask(pipeline, results, now);
    stores.approvals().decide(pipeline, decided, now);
    stores.results().keep(pipeline, iterations.kept());
    stores.usage().add(pipeline, spending.byTenant(), day());
    unblock(freed);
    entries.addAll(offer.entries());
    stores.journal().append(pipeline, entries, now);
    offer.complete(pipeline);
  }

  /** Where the new workflows are in traces. */
  private Map<WorkflowKey, String> places() {
    Map<WorkflowKey, String> places = new HashMap<>();
    for (PlanDocument document : created) {
      if (document.traceparent() != null) {
        places.put(
            WorkflowKey.of(document.tenantId(), document.workflowId()), document.traceparent());
      }
    }
    return places;
  }

  private LocalDate day() {
    return LocalDate.ofInstant(now, ZoneOffset.UTC);
  }

  private WorkflowState stateOf(WorkflowKey key) {
    WorkflowState state = states.get(key);
    if (state == null) {
      throw new IllegalStateException(key + " changed without a state");
    }
    return state;
  }

  private boolean isHanded(StepStore.Changed changed) {
    return offer.handed().contains(new StepKey(changed.key(), changed.step().id()));
  }

  private List<HandOver.Ready> ready() {
    return changedSteps.entrySet().stream()
        .filter(e -> e.getValue().status() == StepStatus.READY && e.getValue().notBefore() == null)
        .map(e -> new HandOver.Ready(e.getKey(), e.getValue()))
        .toList();
  }

  private Stream<StepStore.Planned> planned(Map.Entry<WorkflowKey, List<StepSpec>> plan) {
    WorkflowKey key = plan.getKey();
    List<StepSpec> specs = plan.getValue();
    return IntStream.range(0, specs.size())
        .mapToObj(i -> new StepStore.Planned(key, i + 1, specs.get(i), stateOf(key, specs.get(i))));
  }

  private StepState stateOf(WorkflowKey key, StepSpec spec) {
    StepState state = stateOf(key).steps().get(new StepId(spec.stepId()));
    if (state == null) {
      throw new IllegalStateException("step " + spec.stepId() + " was not decided");
    }
    return state;
  }

  /** Whatever stopped running lets go of its files; which those are is known after a flush. */
  private List<FileLockStore.File> release(List<StepStore.Changed> changed) {
    List<StepKey> ended =
        changed.stream()
            .filter(c -> c.step().status() != StepStatus.IN_PROGRESS && c.step().attempt() > 0)
            .map(c -> new StepKey(c.key(), c.step().id()))
            .toList();
    return ended.isEmpty() ? List.of() : stores.fileLocks().release(pipeline, ended);
  }

  private void unblock(List<FileLockStore.File> freed) {
    if (freed.isEmpty()) {
      return;
    }
    // What this batch ends is not to be found waiting.
    pipeline.flush();
    for (WorkflowEvent.StepReady free : stores.fileLocks().unblock(freed)) {
      entries.add(JournalEntry.published("step.ready", free.stepId(), free.attempt() - 1, free));
    }
  }
}
