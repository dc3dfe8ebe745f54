package io.agentmanager.task.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class ClaimFloorsTest {
  private static final TenantId TENANT = new TenantId("default");
  private static final int STEPS = 600;
  private static final int LOOKS = 20;

  private final AtomicLong nanos = new AtomicLong();
  private final ClaimFloors floors = new ClaimFloors(nanos::get);

  @Test
  void aLookThatFoundNothingMovesTheBeginningToTheEnd() {
    ClaimFloors.Place first = floors.begin(TENANT, "work");
    floors.found(TENANT, "work", first, null);
    assertThat(floors.begin(TENANT, "work").position()).isEqualTo(Long.MAX_VALUE);
    assertThat(floors.begin(TENANT, "other").position()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aStepThatBecomesReadyDuringALookIsNotPassedBy() {
    ClaimFloors.Place first = floors.begin(TENANT, "work");
    floors.becameReady(ready(0));
    floors.found(TENANT, "work", first, null);
    assertThat(floors.begin(TENANT, "work").position()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aStepThatBecomesReadyBeforeThePlaceMakesItForgotten() {
    floors.found(TENANT, "work", floors.begin(TENANT, "work"), null);
    ClaimFloors.Place last = floors.begin(TENANT, "work");
    floors.becameReady(ready(0));
    floors.found(TENANT, "work", last, null);
    assertThat(floors.begin(TENANT, "work").position()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aPlaceLastsForLessThanASecond() {
    floors.found(TENANT, "work", floors.begin(TENANT, "work"), null);
    nanos.addAndGet(Duration.ofMillis(899).toNanos());
    assertThat(floors.begin(TENANT, "work").position()).isEqualTo(Long.MAX_VALUE);
    nanos.addAndGet(Duration.ofMillis(2).toNanos());
    assertThat(floors.begin(TENANT, "work").position()).isEqualTo(Long.MIN_VALUE);
  }

  /**
   * Counts index entries, not milliseconds: 600 claims leave 600 entries that an old snapshot keeps
   * alive, and twenty looks that began at the first would read 12,000 of them.
   */
  @Test
  void whatAnOldSnapshotKeepsAliveIsNotWalkedPastByEveryLook() throws Exception {
    try (RunningService service = RunningService.start(1);
        Connection old = service.bean(DataSource.class).getConnection();
        var statement = old.createStatement()) {
      Plans.admit(
          service,
          "many",
          IntStream.range(0, STEPS + LOOKS)
              .mapToObj(i -> StepSpec.of("s" + i, "work", "floors", List.of()))
              .toList());
      service.call(0, "PUT", "/v1/workers/w", Map.of("agent_capabilities", List.of("floors")));
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.executeQuery("SELECT count(*) FROM worker").close();
      for (int i = 0; i < STEPS; i += 100) {
        claim(service, 100);
      }
      long before = entriesRead(service);
      for (int i = 0; i < LOOKS; i++) {
        claim(service, 1);
      }
      assertThat(entriesRead(service) - before).isBetween((long) LOOKS, 4L * STEPS);
      old.rollback();
    }
  }

  private static void claim(RunningService service, int steps) {
    var answer =
        service.call(
            0,
            "POST",
            "/v1/tasks/claims",
            Map.of(
                "agent_id",
                "w",
                "client_capabilities",
                List.of("floors"),
                "max",
                steps,
                "wait_sec",
                0));
    assertThat(answer.body().path("tasks").size()).isEqualTo(steps);
  }

  /** Backends report what they have read when they are idle, within a second or so. */
  private static long entriesRead(RunningService service) {
    JdbcTemplate jdbc = service.bean(JdbcTemplate.class);
    long[] last = {-1};
    return Awaitility.await()
        .pollInterval(Duration.ofMillis(1500))
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                jdbc.queryForObject(
                    "SELECT idx_tup_read FROM pg_stat_user_indexes"
                        + " WHERE indexrelname = 'step_claimable'",
                    Long.class),
            read -> {
              boolean same = read == last[0];
              last[0] = read;
              return same;
            });
  }

  private static StepReady ready(int priority) {
    return new StepReady(TENANT, new WorkflowId("w"), new StepId("s"), 0, "work", priority);
  }
}
