package io.agentmanager.task.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttemptIterationsTest {
  private static final ResultStore.AttemptKey ATTEMPT =
      new ResultStore.AttemptKey(
          new StepKey(
              new WorkflowKey(new TenantId("acme"), new WorkflowId("w")), new StepId("read")),
          1);
  private final AttemptIterations iterations = new AttemptIterations();

  private static Iteration iteration(int index) {
    return new Iteration(index, "t", null, "seen", null, null, null);
  }

  private static List<Iteration> upTo(int number) {
    return IntStream.range(0, number).mapToObj(AttemptIterationsTest::iteration).toList();
  }

  @Test
  void whatIsPostedAgainIsNotAddedAgain() {
    assertThat(iterations.post(ATTEMPT, List.of(iteration(0)))).hasSize(1);
    assertThat(iterations.post(ATTEMPT, upTo(2))).containsExactly(iteration(1));
    assertThat(iterations.kept()).hasSize(2);
  }

  @Test
  void anAttemptPostsSoManyAndThenNoMore() {
    List<Iteration> most = upTo(AttemptIterations.MOST);
    assertThat(iterations.fit(ATTEMPT, most)).isTrue();
    List<Iteration> unused = iterations.post(ATTEMPT, most);
    assertThat(iterations.fit(ATTEMPT, most)).as("the same again").isTrue();
    assertThat(iterations.fit(ATTEMPT, List.of(iteration(AttemptIterations.MOST)))).isFalse();
  }

  @Test
  void aResultThatBringsMoreIsKeptUpToTheBound() {
    iterations.bring(ATTEMPT, upTo(AttemptIterations.MOST + 5));
    assertThat(iterations.kept()).hasSize(AttemptIterations.MOST);
  }
}
