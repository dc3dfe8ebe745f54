package io.agentmanager.task.model;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.OnFailure;
import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.task.RunningService;
import io.agentmanager.task.lifecycle.Command;
import io.agentmanager.task.write.WriteLanes;
import io.agentmanager.task.write.WriteReply;
import io.agentmanager.task.write.WriteRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The task-service with its database. Claims, heartbeats and results go over HTTP, what other
 * services and the clock bring goes through the lanes. Now and then a command is sent twice: the
 * repeat must change nothing.
 */
final class StoreSubject implements Subject {
  private final Shape shape;
  private final RunningService service;
  private final WriteLanes lanes;
  private final JdbcTemplate jdbc;
  private final WorkflowKey key;
  private final String worker;
  private int calls;

  StoreSubject(Shape shape, RunningService service, String name) {
    this.shape = shape;
    this.service = service;
    this.lanes = service.bean(WriteLanes.class);
    this.jdbc = service.bean(JdbcTemplate.class);
    this.key = WorkflowKey.of("default", name);
    this.worker = "w-" + name;
    service.call(0, "PUT", "/v1/workers/" + worker, Map.of("agent_capabilities", List.of(name)));
    List<StepSpec> steps = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      steps.add(
          new StepSpec(
              shape.name(i),
              "work",
              name,
              shape.dependencies(i).stream().map(shape::name).toList(),
              null,
              null,
              null,
              null,
              shape.maxAttempts(),
              null,
              null));
    }
    TaskSubmission submission =
        new TaskSubmission(
            "a model's workflow",
            null,
            null,
            null,
            null,
            null,
            new AuditPolicy(shape.audited() ? AuditMode.RULES : AuditMode.NONE, 2),
            null,
            shape.goesOnAfterFailure() ? OnFailure.CONTINUE : OnFailure.FAIL);
    PlanDocument document =
        new PlanDocument("default", name, submission, steps, null, Usage.NONE, Instant.now(), null);
    boolean unused = write(new WriteRequest.Adopt(key, document));
    unused = write(new WriteRequest.Adopt(key, document));
  }

  @Override
  public Optional<Integer> claim() {
    var answer =
        service.call(
            0,
            "POST",
            "/v1/tasks/claims",
            new ClaimRequest(worker, List.of(key.workflow().value()), 1, 0, null, null));
    var task = answer.body().path("tasks").path(0);
    return task.isMissingNode()
        ? Optional.empty()
        : Optional.of(Integer.parseInt(task.path("step_id").asString().substring(1)));
  }

  /** What is not listed would go back only after a grace that outlasts the test. */
  @Override
  public void heartbeat(int id, int attempt) {
    service.call(
        0,
        "POST",
        "/v1/workers/" + worker + "/heartbeat",
        new Heartbeat(List.of(new AttemptRef(key.workflow().value(), shape.name(id), attempt))));
  }

  @Override
  public boolean succeed(int id, int attempt) {
    return post(id, attempt, ResultStatus.COMPLETED, null);
  }

  @Override
  public boolean fail(int id, int attempt, boolean retryable) {
    return post(
        id,
        attempt,
        ResultStatus.FAILED,
        new StepError("oops", "on purpose " + calls++, retryable));
  }

  /** A result that was accepted is accepted again with the same answer, so new ones differ. */
  private boolean post(int id, int attempt, ResultStatus status, StepError error) {
    StepResult result =
        new StepResult(
            key.workflow().value(),
            shape.name(id),
            worker,
            attempt,
            status,
            new RaHistory(null, status == ResultStatus.COMPLETED ? "done " + calls++ : null, null),
            null,
            error);
    if (attempt < 1) {
      return false;
    }
    int first = service.call(0, "POST", "/v1/results", result).status();
    if (first == 200 && status == ResultStatus.COMPLETED) {
      int again = service.call(0, "POST", "/v1/results", result).status();
      if (again != 200) {
        throw new AssertionError("the repeat of an accepted result was answered " + again);
      }
    }
    return first == 200;
  }

  @Override
  public String picture() {
    List<String> lines = new ArrayList<>();
    jdbc.query(
        """
        SELECT w.status, w.cycle, w.open_steps, w.completed_at IS NOT NULL AS ended,
          (SELECT count(*) FROM step AS s WHERE s.tenant_id = w.tenant_id
            AND s.workflow_id = w.workflow_id
            AND s.status IN ('PENDING', 'READY', 'IN_PROGRESS')) AS open
        FROM workflow AS w WHERE w.tenant_id = ? AND w.workflow_id = ?
        """,
        row -> {
          lines.add(row.getString("status") + " in cycle " + row.getInt("cycle"));
          if (row.getInt("open_steps") != row.getInt("open")) {
            lines.add("counts " + row.getInt("open_steps") + " open steps");
          }
        },
        key.tenant().value(),
        key.workflow().value());
    jdbc.query(
        """
        SELECT s.step_id, s.status, s.attempt, s.failures, s.blocked, s.lease_until FROM step AS s
        JOIN step_definition AS d USING (tenant_id, workflow_id, step_id)
        WHERE tenant_id = ? AND workflow_id = ? ORDER BY d.ordinal
        """,
        row -> {
          boolean running = row.getString("status").equals("IN_PROGRESS");
          lines.add(
              row.getString("step_id")
                  + " "
                  + row.getString("status")
                  + " "
                  + row.getInt("attempt")
                  + " "
                  + row.getInt("failures")
                  + ("backoff".equals(row.getString("blocked")) ? " backoff" : "")
                  + (running == (row.getTimestamp("lease_until") != null) ? "" : " odd lease"));
        },
        key.tenant().value(),
        key.workflow().value());
    return String.join("\n", lines);
  }

  /** News of other services comes twice now and then, as Kafka may bring it. */
  @Override
  public boolean apply(Command command) {
    boolean news =
        command instanceof Command.PassAudit
            || command instanceof Command.FailAudit
            || command instanceof Command.Synthesize;
    boolean accepted = write(WriteRequest.Apply.of(key, command));
    boolean again = news && accepted && calls++ % 2 == 0;
    boolean unused = again && write(WriteRequest.Apply.of(key, command));
    return accepted;
  }

  private boolean write(WriteRequest request) {
    return lanes.submit(request).join() instanceof WriteReply.Done;
  }
}
