package io.agentmanager.task.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

class HandOverTest {
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = RunningService.start(1);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void aParkedClaimGetsTheDependentInTheTransactionOfTheResult() {
    WorkflowKey key =
        Plans.admit(
            service,
            "direct",
            List.of(
                StepSpec.of("before", "work", "before", List.of()),
                StepSpec.of("after", "work", "after", List.of("before"))));
    CompletableFuture<JsonNode> parked = park("after");
    Plans.complete(service, "w", "before");
    JsonNode task = parked.join();
    assertThat(task.path("step_id").asString()).isEqualTo("after");
    assertThat(task.path("attempt").asInt()).isEqualTo(1);
    assertThat(task.path("dependency_results").path("before").asString()).isEqualTo("done");
    assertThat(types(key)).containsSubsequence("step.completed", "step.ready", "step.claimed");
    assertThat(transactionsOf(key, "after", "step.ready", "step.claimed")).isOne();
  }

  @Test
  void aStepThatUsesFilesIsGivenOutByTheDesk() {
    Plans.admit(
        service,
        "files",
        List.of(
            StepSpec.of("before", "work", "files-before", List.of()),
            new StepSpec(
                "after",
                "work",
                "files-after",
                List.of("before"),
                null,
                List.of("report.md"),
                null,
                null,
                null,
                null,
                null)));
    CompletableFuture<JsonNode> parked = park("files-after");
    Plans.complete(service, "w", "files-before");
    assertThat(parked.join().path("step_id").asString()).isEqualTo("after");
    assertThat(
            service
                .bean(JdbcTemplate.class)
                .queryForObject(
                    "SELECT count(*) FROM file_lock WHERE workflow_id = 'files'", Integer.class))
        .isOne();
  }

  @Test
  void whatOneClaimCannotHoldGoesToTheNextOrWaits() {
    List<StepSpec> steps = new ArrayList<>();
    steps.add(StepSpec.of("before", "work", "wide-before", List.of()));
    for (int i = 0; i < 3; i++) {
      steps.add(StepSpec.of("after" + i, "work", "wide", List.of("before")));
    }
    Plans.admit(service, "wide", steps);
    List<CompletableFuture<JsonNode>> parked = List.of(park("wide"), park("wide"));
    Plans.complete(service, "w", "wide-before");
    List<String> given =
        new ArrayList<>(parked.stream().map(p -> p.join().path("step_id").asString()).toList());
    given.add(park("wide").join().path("step_id").asString());
    assertThat(given).containsExactlyInAnyOrder("after0", "after1", "after2");
  }

  /** A claim of one step that waits at the desk. */
  private static CompletableFuture<JsonNode> park(String capability) {
    ClaimDesk desk = service.bean(ClaimDesk.class);
    int before = desk.waiting();
    CompletableFuture<JsonNode> answer =
        CompletableFuture.supplyAsync(
            () ->
                service
                    .call(
                        0,
                        "GET",
                        "/v1/tasks/ready?agent_id=parked&client_capabilities="
                            + capability
                            + "&wait=20",
                        null)
                    .body());
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> answer.isDone() || desk.waiting() > before);
    return answer;
  }

  private static List<String> types(WorkflowKey key) {
    return service
        .bean(JdbcTemplate.class)
        .queryForList(
            "SELECT type FROM journal WHERE workflow_id = ? ORDER BY seq",
            String.class,
            key.workflow().value());
  }

  /** How many transactions wrote these entries of a step. */
  private static int transactionsOf(WorkflowKey key, String step, String... types) {
    Integer count =
        service
            .bean(JdbcTemplate.class)
            .queryForObject(
                "SELECT count(DISTINCT xmin::text) FROM journal"
                    + " WHERE workflow_id = ? AND step_id = ? AND type = ANY (?)",
                Integer.class,
                key.workflow().value(),
                step,
                types);
    return count == null ? 0 : count;
  }
}
