package io.agentmanager.task.lifecycle;

import static io.agentmanager.task.lifecycle.Workflows.A;
import static io.agentmanager.task.lifecycle.Workflows.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.task.lifecycle.Decision.Reason;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every state against every command. A new state or command without its cell fails the last test.
 */
class LifecycleTableTest {
  private static final StepError ERROR = new StepError("boom", "it broke", null);

  private static final Map<String, Command> WORKFLOW_COMMANDS =
      Map.of(
          "Admit", new Command.Admit(List.of()),
          "FailPlanning", new Command.FailPlanning(ERROR),
          "PassAudit", new Command.PassAudit(0),
          "FailAudit", new Command.FailAudit(0, Map.of(A, "do better"), false, "weak"),
          "Exhausted", new Command.FailAudit(0, Map.of(A, "do better"), true, "weak"),
          "Synthesize", new Command.Synthesize(0, null),
          "NoAnswer", new Command.Synthesize(0, ERROR),
          "Cancel", new Command.Cancel("enough"),
          "MissDeadline", new Command.MissDeadline());

  private static final Map<String, Command> STEP_COMMANDS =
      Map.of(
          "Succeed", new Command.Succeed(A, 1),
          "Fail", new Command.Fail(A, 1, ERROR),
          "FailForGood", new Command.Fail(A, 1, new StepError("boom", "no", false)),
          "LoseLease", new Command.LoseLease(A, 1),
          "Release", new Command.Release(A, 1, "drained"),
          "EndBackoff", new Command.EndBackoff(A),
          "Ask", new Command.AskApproval(A, 1, "May I?"),
          "Approve", new Command.DecideApproval(A, null, ApprovalDecision.APPROVE, null, "ann"),
          "Reject", new Command.DecideApproval(A, null, ApprovalDecision.REJECT, "no", "ann"));

  /** Where a workflow is after a command; a dash means refused. */
  private static final String WORKFLOW_TABLE =
      """
      state        | Admit   | FailPlanning | PassAudit    | FailAudit | Exhausted | Synthesize | NoAnswer | Cancel    | MissDeadline
      PLANNING     | RUNNING | FAILED       | -            | -         | -         | -          | -        | CANCELLED | FAILED
      RUNNING      | -       | -            | -            | -         | -         | -          | -        | CANCELLED | FAILED
      AUDITING     | -       | -            | SYNTHESIZING | REWORKING | FAILED    | COMPLETED  | FAILED   | CANCELLED | FAILED
      REWORKING    | -       | -            | -            | -         | -         | -          | -        | CANCELLED | FAILED
      SYNTHESIZING | -       | -            | -            | -         | -         | COMPLETED  | FAILED   | CANCELLED | FAILED
      COMPLETED    | -       | -            | -            | -         | -         | -          | -        | -         | -
      FAILED       | -       | -            | -            | -         | -         | -          | -        | -         | -
      CANCELLED    | -       | -            | -            | -         | -         | -          | -        | CANCELLED | -
      PAUSED       | -       | -            | -            | -         | -         | -          | -        | CANCELLED | FAILED
      """;

  /** Where step a of a chain is after a command, while the workflow runs; a dash means refused. */
  private static final String STEP_TABLE =
      """
      state             | Succeed   | Fail  | FailForGood | LoseLease | Release | EndBackoff | Ask               | Approve | Reject
      PENDING           | -         | -     | -           | -         | -       | -          | -                 | -       | -
      READY             | -         | -     | -           | -         | -       | -          | -                 | -       | -
      IN_PROGRESS       | COMPLETED | READY | FAILED      | READY     | READY   | -          | AWAITING_APPROVAL | -       | -
      AWAITING_APPROVAL | -         | -     | -           | -         | -       | -          | -                 | READY   | FAILED
      COMPLETED         | -         | -     | -           | -         | -       | -          | -                 | -       | -
      FAILED            | -         | -     | -           | -         | -       | -          | -                 | -       | -
      CANCELLED         | -         | -     | -           | -         | -       | -          | -                 | -       | -
      """;

  static Stream<Arguments> workflowCells() {
    return cells(WORKFLOW_TABLE);
  }

  static Stream<Arguments> stepCells() {
    return cells(STEP_TABLE);
  }

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @MethodSource("workflowCells")
  void aWorkflowMovesAsTheTableSays(String state, String command, String expected) {
    Decision decision =
        Lifecycle.decide(
            workflowIn(WorkflowStatus.valueOf(state)), WORKFLOW_COMMANDS.get(command), NOW);
    if (expected.equals("-")) {
      assertThat(decision).isInstanceOf(Decision.Refused.class);
    } else {
      assertThat(((Decision.Accepted) decision).next().status())
          .isEqualTo(WorkflowStatus.valueOf(expected));
    }
  }

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @MethodSource("stepCells")
  void aStepMovesAsTheTableSays(String state, String command, String expected) {
    WorkflowState running =
        Workflows.chain(StepStatus.valueOf(state), StepStatus.PENDING, StepStatus.PENDING)
            .in(WorkflowStatus.RUNNING);
    Decision decision = Lifecycle.decide(running, STEP_COMMANDS.get(command), NOW);
    if (expected.equals("-")) {
      assertThat(decision).isInstanceOf(Decision.Refused.class);
    } else {
      assertThat(((Decision.Accepted) decision).next().steps().get(A).status())
          .isEqualTo(StepStatus.valueOf(expected));
    }
  }

  @ParameterizedTest(name = "a finished workflow takes no {1}")
  @MethodSource("stepCells")
  void aFinishedWorkflowTakesNoStepCommand(String state, String command, String expected) {
    WorkflowState finished =
        Workflows.chain(StepStatus.valueOf(state), StepStatus.PENDING, StepStatus.PENDING)
            .in(WorkflowStatus.CANCELLED);
    Decision decision = Lifecycle.decide(finished, STEP_COMMANDS.get(command), NOW);
    assertThat(decision).isInstanceOf(Decision.Refused.class);
  }

  @Test
  void anotherAttemptIsRefusedWhateverItBrings() {
    WorkflowState running =
        Workflows.chain(StepStatus.IN_PROGRESS, StepStatus.PENDING, StepStatus.PENDING)
            .in(WorkflowStatus.RUNNING);
    for (int attempt : new int[] {0, 2, 7}) {
      Decision decision = Lifecycle.decide(running, new Command.Succeed(A, attempt), NOW);
      assertThat(((Decision.Refused) decision).reason()).isEqualTo(Reason.STALE_ATTEMPT);
    }
  }

  @Test
  void whoAnswersAnEarlierQuestionIsRefused() {
    WorkflowState asking =
        Workflows.chain(StepStatus.AWAITING_APPROVAL, StepStatus.PENDING, StepStatus.PENDING)
            .in(WorkflowStatus.RUNNING);
    Command stale = new Command.DecideApproval(A, 7, ApprovalDecision.APPROVE, null, "ann");
    assertThat(Lifecycle.decide(asking, stale, NOW)).isInstanceOf(Decision.Refused.class);
    Command right = new Command.DecideApproval(A, 1, ApprovalDecision.APPROVE, null, "ann");
    assertThat(Lifecycle.decide(asking, right, NOW)).isInstanceOf(Decision.Accepted.class);
  }

  @Test
  void anotherAuditCycleIsRefused() {
    WorkflowState auditing =
        Workflows.chain(StepStatus.COMPLETED, StepStatus.COMPLETED, StepStatus.COMPLETED)
            .cycle(1)
            .in(WorkflowStatus.AUDITING);
    Decision decision = Lifecycle.decide(auditing, new Command.PassAudit(0), NOW);
    assertThat(((Decision.Refused) decision).reason()).isEqualTo(Reason.OTHER_PHASE);
  }

  @Test
  void theTablesNameEveryStateAndEveryCommand() {
    assertThat(states(WORKFLOW_TABLE))
        .containsExactlyInAnyOrderElementsOf(names(WorkflowStatus.values()));
    assertThat(states(STEP_TABLE)).containsExactlyInAnyOrderElementsOf(names(StepStatus.values()));
    Stream<Command> tested =
        Stream.concat(WORKFLOW_COMMANDS.values().stream(), STEP_COMMANDS.values().stream());
    assertThat(tested.map(Object::getClass).distinct().map(Class::getSimpleName))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Command.class.getDeclaredClasses())
                .filter(Class::isRecord)
                .map(Class::getSimpleName)
                .toList());
  }

  private static WorkflowState workflowIn(WorkflowStatus status) {
    StepStatus steps =
        switch (status) {
          case AUDITING, SYNTHESIZING, COMPLETED -> StepStatus.COMPLETED;
          case CANCELLED -> StepStatus.CANCELLED;
          case FAILED -> StepStatus.FAILED;
          case PLANNING, RUNNING, REWORKING, PAUSED -> StepStatus.READY;
        };
    return new Workflows().step("a", steps).in(status);
  }

  private static List<String> names(Enum<?>[] values) {
    return Stream.of(values).map(Enum::name).toList();
  }

  private static List<String> states(String table) {
    return table.lines().skip(1).map(line -> line.split("\\|", -1)[0].strip()).toList();
  }

  private static Stream<Arguments> cells(String table) {
    String[] commands = table.lines().findFirst().orElseThrow().split("\\|", -1);
    return table
        .lines()
        .skip(1)
        .map(line -> line.split("\\|", -1))
        .flatMap(
            cells ->
                java.util.stream.IntStream.range(1, cells.length)
                    .mapToObj(
                        i ->
                            Arguments.of(cells[0].strip(), commands[i].strip(), cells[i].strip())));
  }
}
