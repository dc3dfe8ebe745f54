package io.agentmanager.task.lifecycle;

import static io.agentmanager.contracts.api.StepStatus.CANCELLED;
import static io.agentmanager.contracts.api.StepStatus.COMPLETED;
import static io.agentmanager.contracts.api.StepStatus.FAILED;
import static io.agentmanager.contracts.api.StepStatus.IN_PROGRESS;
import static io.agentmanager.contracts.api.StepStatus.PENDING;
import static io.agentmanager.contracts.api.StepStatus.READY;
import static io.agentmanager.task.lifecycle.Workflows.A;
import static io.agentmanager.task.lifecycle.Workflows.B;
import static io.agentmanager.task.lifecycle.Workflows.C;
import static io.agentmanager.task.lifecycle.Workflows.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.event.WorkflowEvent.StepCompleted;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.journal.JournalEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final StepError ERROR = new StepError("boom", "it broke", null);
  private static final StepError FATAL = new StepError("boom", "it broke", false);

  @Test
  void aCompletedStepFreesWhatWaitedForItAlone() {
    WorkflowState state = Workflows.chain(IN_PROGRESS, PENDING, PENDING).in(WorkflowStatus.RUNNING);
    Decision.Accepted accepted = accept(state, new Command.Succeed(A, 1));
    assertThat(status(accepted, B)).isEqualTo(READY);
    assertThat(status(accepted, C)).isEqualTo(PENDING);
    assertThat(types(accepted)).containsExactly("step.completed", "step.ready");
    assertThat(accepted.next().openSteps()).isEqualTo(2);
  }

  @Test
  void aStepWithTwoDependenciesWaitsForBoth() {
    WorkflowState state =
        new Workflows()
            .step("a", IN_PROGRESS)
            .step("b", IN_PROGRESS)
            .step("c", PENDING, "a", "b")
            .in(WorkflowStatus.RUNNING);
    Decision.Accepted first = accept(state, new Command.Succeed(A, 1));
    assertThat(status(first, C)).isEqualTo(PENDING);
    Decision.Accepted second = accept(first.next(), new Command.Succeed(B, 1));
    assertThat(status(second, C)).isEqualTo(READY);
  }

  @Test
  void theLastStepDrainsTheWorkflowIntoItsAudit() {
    WorkflowState state =
        Workflows.chain(COMPLETED, COMPLETED, IN_PROGRESS).in(WorkflowStatus.RUNNING);
    Decision.Accepted accepted = accept(state, new Command.Succeed(C, 1));
    assertThat(accepted.next().status()).isEqualTo(WorkflowStatus.AUDITING);
    StepCompleted event = (StepCompleted) accepted.entries().getFirst().event();
    assertThat(event.drained()).isTrue();
    assertThat(event.auditCycle()).isZero();
  }

  @Test
  void withoutAnAuditTheLastStepEndsTheWorkflow() {
    WorkflowState state =
        Workflows.chain(COMPLETED, COMPLETED, IN_PROGRESS)
            .audit(AuditMode.NONE)
            .in(WorkflowStatus.RUNNING);
    Decision.Accepted accepted = accept(state, new Command.Succeed(C, 1));
    assertThat(accepted.next().status()).isEqualTo(WorkflowStatus.COMPLETED);
    assertThat(types(accepted)).containsExactly("step.completed", "workflow.completed");
  }

  @Test
  void aFailedAttemptWaitsLongerEachTimeAndTheLastOneFailsTheStep() {
    WorkflowState state = Workflows.chain(IN_PROGRESS, PENDING, PENDING).in(WorkflowStatus.RUNNING);
    Decision.Accepted accepted = accept(state, new Command.Fail(A, 1, ERROR));
    StepState step = accepted.next().steps().get(A);
    assertThat(step.status()).isEqualTo(READY);
    assertThat(Duration.between(NOW, step.notBefore()))
        .isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
    assertThat(types(accepted)).doesNotContain("step.ready");
    assertThat(Backoff.after(A, 1, 20)).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
  }

  @Test
  void aStepThatFailedForGoodFailsTheWorkflowAndCancelsTheRest() {
    WorkflowState state =
        new Workflows()
            .step("a", IN_PROGRESS)
            .step("b", IN_PROGRESS)
            .step("c", PENDING, "b")
            .in(WorkflowStatus.RUNNING);
    Decision.Accepted accepted = accept(state, new Command.Fail(A, 1, FATAL));
    assertThat(accepted.next().status()).isEqualTo(WorkflowStatus.FAILED);
    assertThat(status(accepted, B)).isEqualTo(CANCELLED);
    assertThat(status(accepted, C)).isEqualTo(CANCELLED);
    assertThat(accepted.next().openSteps()).isZero();
  }

  @Test
  void withContinueOnlyWhatDependsOnTheFailedStepIsCancelled() {
    WorkflowState state =
        new Workflows()
            .step("a", IN_PROGRESS)
            .step("b", PENDING, "a")
            .step("c", IN_PROGRESS)
            .onFailure(OnFailure.CONTINUE)
            .audit(AuditMode.NONE)
            .in(WorkflowStatus.RUNNING);
    Decision.Accepted failed = accept(state, new Command.Fail(A, 1, FATAL));
    assertThat(failed.next().status()).isEqualTo(WorkflowStatus.RUNNING);
    assertThat(status(failed, B)).isEqualTo(CANCELLED);
    assertThat(status(failed, C)).isEqualTo(IN_PROGRESS);
    Decision.Accepted done = accept(failed.next(), new Command.Succeed(C, 1));
    assertThat(done.next().status()).isEqualTo(WorkflowStatus.FAILED);
  }

  @Test
  void aLostLeaseCostsAnAttemptOnlyIfTheWorkerWasHeard() {
    WorkflowState heard = Workflows.chain(IN_PROGRESS, PENDING, PENDING).in(WorkflowStatus.RUNNING);
    assertThat(accept(heard, new Command.LoseLease(A, 1)).next().steps().get(A).failures())
        .isEqualTo(1);
    StepState silent = heard.steps().get(A).ready(0, null).claimedBy("worker-1");
    WorkflowState unheard =
        heard.seeing(Map.of(A, silent, B, heard.steps().get(B), C, heard.steps().get(C)));
    assertThat(accept(unheard, new Command.LoseLease(A, 2)).next().steps().get(A).failures())
        .isZero();
  }

  @Test
  void aReleasedStepIsReadyAgainAndCostsNothing() {
    WorkflowState state = Workflows.chain(IN_PROGRESS, PENDING, PENDING).in(WorkflowStatus.RUNNING);
    Decision.Accepted accepted = accept(state, new Command.Release(A, 1, "drained"));
    assertThat(status(accepted, A)).isEqualTo(READY);
    assertThat(accepted.next().steps().get(A).failures()).isZero();
    assertThat(types(accepted)).containsExactly("step.released", "step.ready");
  }

  @Test
  void aFailedAuditSendsBackTheStepAndEverythingDownstream() {
    WorkflowState state =
        new Workflows()
            .step("a", COMPLETED)
            .step("b", COMPLETED, "a")
            .step("c", COMPLETED, "b")
            .step("d", COMPLETED)
            .in(WorkflowStatus.AUDITING);
    Decision.Accepted accepted =
        accept(state, new Command.FailAudit(0, Map.of(B, "cite it"), false, "weak"));
    assertThat(accepted.next().status()).isEqualTo(WorkflowStatus.REWORKING);
    assertThat(accepted.next().cycle()).isEqualTo(1);
    assertThat(status(accepted, A)).isEqualTo(COMPLETED);
    assertThat(status(accepted, B)).isEqualTo(READY);
    assertThat(status(accepted, C)).isEqualTo(PENDING);
    assertThat(status(accepted, new StepId("d"))).isEqualTo(COMPLETED);
    assertThat(accepted.next().openSteps()).isEqualTo(2);
    assertThat(accepted.next().steps().get(B).attempt()).isEqualTo(1);
  }

  @Test
  void aReworkLeavesCancelledWhatCannotRun() {
    WorkflowState state =
        new Workflows()
            .step("a", FAILED)
            .step("b", COMPLETED)
            .step("c", CANCELLED, "a", "b")
            .step("d", COMPLETED, "b")
            .onFailure(OnFailure.CONTINUE)
            .in(WorkflowStatus.AUDITING);
    Decision.Accepted accepted =
        accept(state, new Command.FailAudit(0, Map.of(B, "again"), false, "weak"));
    assertThat(status(accepted, C)).isEqualTo(CANCELLED);
    assertThat(status(accepted, new StepId("d"))).isEqualTo(PENDING);
    assertThat(accepted.next().openSteps()).isEqualTo(2);
  }

  @Test
  void aReworkOfAFailedStepBringsBackWhatItHadCancelled() {
    WorkflowState state =
        new Workflows()
            .step("a", FAILED)
            .step("b", CANCELLED, "a")
            .onFailure(OnFailure.CONTINUE)
            .in(WorkflowStatus.AUDITING);
    Decision.Accepted accepted =
        accept(state, new Command.FailAudit(0, Map.of(A, "again"), false, "weak"));
    assertThat(status(accepted, A)).isEqualTo(READY);
    assertThat(status(accepted, B)).isEqualTo(PENDING);
    assertThat(accepted.next().brokenSinks()).isZero();
  }

  @Test
  void aPassedAuditOfBrokenWorkStillFails() {
    WorkflowState state =
        new Workflows()
            .step("a", COMPLETED)
            .step("b", FAILED)
            .onFailure(OnFailure.CONTINUE)
            .in(WorkflowStatus.AUDITING);
    assertThat(accept(state, new Command.PassAudit(0)).next().status())
        .isEqualTo(WorkflowStatus.FAILED);
  }

  @Test
  void anAnswerThatComesBeforeTheNewsOfItsAuditIsTaken() {
    WorkflowState state = new Workflows().step("a", COMPLETED).in(WorkflowStatus.AUDITING);
    Decision.Accepted accepted = accept(state, new Command.Synthesize(0, null));
    assertThat(types(accepted)).containsExactly("workflow.audit_passed", "workflow.completed");
  }

  @Test
  void aClaimBeginsTheNextAttemptOfAReadyStepThatIsDue() {
    StepState ready =
        Workflows.chain(READY, PENDING, PENDING).in(WorkflowStatus.RUNNING).steps().get(A);
    StepState claimed = Lifecycle.claim(ready, "worker-7", NOW).orElseThrow();
    assertThat(claimed.attempt()).isEqualTo(ready.attempt() + 1);
    assertThat(claimed.workerId()).isEqualTo("worker-7");
    assertThat(Lifecycle.claim(claimed, "worker-8", NOW)).isEmpty();
    assertThat(Lifecycle.claim(ready.ready(1, NOW.plusMillis(1)), "worker-8", NOW)).isEmpty();
    assertThat(Lifecycle.claim(ready.ready(1, NOW), "worker-8", NOW)).isPresent();
  }

  private static Decision.Accepted accept(WorkflowState state, Command command) {
    Decision decision = Lifecycle.decide(state, command, NOW);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    return (Decision.Accepted) decision;
  }

  private static StepStatus status(Decision.Accepted accepted, StepId step) {
    return accepted.next().steps().get(step).status();
  }

  private static List<String> types(Decision.Accepted accepted) {
    return accepted.entries().stream().map(JournalEntry::type).toList();
  }
}
