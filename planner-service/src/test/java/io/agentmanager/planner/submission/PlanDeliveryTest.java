package io.agentmanager.planner.submission;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.planner.PlannerService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** The planner on a real database, with a task-service that only listens. */
class PlanDeliveryTest {
  private static final TenantId TENANT = new TenantId("default");
  private static final BlockingQueue<PlanDocument> BROUGHT = new LinkedBlockingQueue<>();
  @TempDir private static Path folder;
  private static volatile int status = 204;
  private static HttpServer tasks;
  private static EmbeddedPostgreSql postgres;
  private static ConfigurableApplicationContext service;

  @BeforeAll
  static void start() throws Exception {
    tasks = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    tasks.createContext(
        "/internal/workflows",
        call -> {
          BROUGHT.addAll(
              Arrays.asList(
                  WireJson.mapper().readValue(call.getRequestBody(), PlanDocument[].class)));
          call.sendResponseHeaders(status, -1);
          call.close();
        });
    tasks.start();
    postgres = EmbeddedPostgreSql.start(folder, FreePorts.next());
    service =
        PlannerService.application()
            .run(
                "--server.port=" + FreePorts.next(),
                "--agentmanager.internal.secret=0123456789abcdef0123456789abcdef",
                "--agentmanager.services.task=http://127.0.0.1:" + tasks.getAddress().getPort(),
                "--spring.datasource.url=" + postgres.database("planner"),
                "--spring.kafka.bootstrap-servers=127.0.0.1:" + FreePorts.next());
  }

  @AfterAll
  static void stop() throws Exception {
    service.close();
    postgres.close();
    tasks.stop(0);
  }

  @Test
  void anExplicitPlanIsBroughtAfterItIsStored() throws Exception {
    PlanDocument stored = take(List.of(StepSpec.of("s", "work", "any", List.of())));
    PlanDocument brought = BROUGHT.poll(20, TimeUnit.SECONDS);
    assertThat(brought).isEqualTo(stored);
  }

  @Test
  void whatTheTaskServiceDoesNotTakeStaysStoredAndPublished() throws Exception {
    status = 503;
    try {
      PlanDocument stored = take(List.of(StepSpec.of("s", "work", "any", List.of())));
      assertThat(BROUGHT.poll(20, TimeUnit.SECONDS)).isEqualTo(stored);
      assertThat(service.getBean(Submissions.class).find(key(stored))).contains(stored);
      assertThat(
              service
                  .getBean(JdbcTemplate.class)
                  .queryForObject(
                      "SELECT count(*) FROM journal WHERE workflow_id = ? AND event = 'PLANNED'",
                      Integer.class,
                      stored.workflowId()))
          .isOne();
    } finally {
      status = 204;
    }
  }

  @Test
  void aGoalWithoutAPlanIsNotBrought() throws Exception {
    take(null);
    PlanDocument next = take(List.of(StepSpec.of("s", "work", "any", List.of())));
    assertThat(BROUGHT.poll(20, TimeUnit.SECONDS)).isEqualTo(next);
  }

  private static PlanDocument take(List<StepSpec> tasks) {
    return service
        .getBean(Submissions.class)
        .take(
            TENANT,
            new TaskSubmission("a goal", null, null, null, null, tasks, null, null, null),
            null,
            "hash",
            null)
        .stored()
        .document();
  }

  private static WorkflowKey key(PlanDocument document) {
    return WorkflowKey.of(document.tenantId(), document.workflowId());
  }
}
