package io.agentmanager.task.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultBatch;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Many claimers at two replicas: every step goes to one of them in each attempt, and none is left.
 */
class ManyClaimersTest {
  private static final int CLAIMERS = 64;
  private static final int STEPS = 5_000;
  private static final int WORKFLOWS = 50;
  private static final int MOST_FAILURES = 200;

  @Test
  void noStepIsHandedOutTwiceInAnAttemptAndNoneIsForgotten() throws Exception {
    try (RunningService service = RunningService.start(2)) {
      submit(service);
      Set<String> handed = ConcurrentHashMap.newKeySet();
      List<String> twice = new ArrayList<>();
      AtomicInteger completed = new AtomicInteger();
      AtomicInteger failures = new AtomicInteger();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> claimers = new ArrayList<>();
        for (int i = 0; i < CLAIMERS; i++) {
          int number = i;
          claimers.add(
              threads.submit(() -> work(service, number, handed, twice, completed, failures)));
        }
        for (Future<?> claimer : claimers) {
          claimer.get(5, TimeUnit.MINUTES);
        }
      }
      assertThat(twice).isEmpty();
      assertThat(completed).hasValue(STEPS);
      assertThat(handed).hasSize(STEPS + failures.get());
      JdbcTemplate jdbc = service.bean(JdbcTemplate.class);
      assertThat(
              jdbc.queryForObject(
                  "SELECT count(*) FROM step WHERE status <> 'COMPLETED'", Integer.class))
          .isZero();
      assertThat(
              jdbc.queryForObject(
                  "SELECT count(*) FROM workflow WHERE status = 'COMPLETED'", Integer.class))
          .isEqualTo(WORKFLOWS);
    }
  }

  private static void work(
      RunningService service,
      int number,
      Set<String> handed,
      List<String> twice,
      AtomicInteger completed,
      AtomicInteger failures) {
    Random random = new Random(number);
    String worker = "claimer-" + number;
    int replica = number % 2;
    service.call(
        replica, "PUT", "/v1/workers/" + worker, Map.of("agent_capabilities", List.of("many")));
    while (completed.get() < STEPS) {
      JsonNode tasks =
          service
              .call(
                  replica,
                  "POST",
                  "/v1/tasks/claims",
                  new ClaimRequest(worker, List.of("many"), 1 + random.nextInt(10), 1, null, null))
              .body()
              .path("tasks");
      List<StepResult> results = new ArrayList<>();
      for (JsonNode task : tasks) {
        String attempt =
            task.path("workflow_id").asString()
                + "/"
                + task.path("step_id").asString()
                + "/"
                + task.path("attempt").asInt();
        if (!handed.add(attempt)) {
          synchronized (twice) {
            twice.add(attempt);
          }
        }
        boolean fails = failures.get() < MOST_FAILURES && random.nextInt(20) == 0;
        if (fails) {
          failures.incrementAndGet();
        } else {
          completed.incrementAndGet();
        }
        results.add(result(task, worker, fails));
      }
      post(service, 1 - replica, results);
    }
  }

  /** What is answered 503 is sent again, as workers do. */
  private static void post(RunningService service, int replica, List<StepResult> results) {
    List<StepResult> left = results;
    while (!left.isEmpty()) {
      var answers = service.call(replica, "POST", "/v1/results/batch", new ResultBatch(left));
      List<StepResult> again = new ArrayList<>();
      for (int i = 0; i < left.size(); i++) {
        int status =
            answers.status() == 200
                ? answers.body().path("results").path(i).path("status").asInt()
                : answers.status();
        if (status == 503) {
          again.add(left.get(i));
        } else {
          assertThat(status).as(answers.body().toString()).isEqualTo(200);
        }
      }
      left = again;
    }
  }

  private static StepResult result(JsonNode task, String worker, boolean fails) {
    return new StepResult(
        task.path("workflow_id").asString(),
        task.path("step_id").asString(),
        worker,
        task.path("attempt").asInt(),
        fails ? ResultStatus.FAILED : ResultStatus.COMPLETED,
        new RaHistory(null, fails ? null : "done", null),
        null,
        fails ? new StepError("on_purpose", null, true) : null);
  }

  /** Layers of ten steps, each upon all of the layer before. */
  private static void submit(RunningService service) {
    for (int w = 0; w < WORKFLOWS; w++) {
      String id = "many-" + w;
      List<StepSpec> steps = new ArrayList<>();
      for (int i = 0; i < STEPS / WORKFLOWS; i++) {
        int layer = i / 10;
        List<String> dependencies =
            layer == 0
                ? List.of()
                : IntStream.range((layer - 1) * 10, layer * 10).mapToObj(d -> "s" + d).toList();
        steps.add(
            new StepSpec(
                "s" + i, "work", "many", dependencies, null, null, null, null, 10, null, null));
      }
      Plans.admit(service, id, steps);
    }
  }
}
