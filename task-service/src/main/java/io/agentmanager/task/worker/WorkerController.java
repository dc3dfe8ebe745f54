package io.agentmanager.task.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.WorkerList;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Workers over HTTP. */
@RestController
@RequestMapping("/v1/workers")
class WorkerController {
  private static final int MOST_PARALLEL = 1000;
  private static final int MOST_RUNNING = 1000;
  private static final int LONGEST_TEXT = 200;
  private final Workers workers;

  WorkerController(Workers workers) {
    this.workers = workers;
  }

  @GetMapping
  WorkerList list(Caller caller) {
    return new WorkerList(workers.list(caller.tenant()));
  }

  @PutMapping("/{worker}")
  WorkerTerms register(
      Caller caller,
      @PathVariable String worker,
      @RequestBody(required = false) byte @Nullable [] body) {
    WorkerRegistration registration = JsonBody.read(body, WorkerRegistration.class);
    List<Problem.Fault> faults = new ArrayList<>();
    WorkerNames.checkName("/client_agent_id", worker, faults);
    WorkerNames.checkCapabilities("/agent_capabilities", registration.agentCapabilities(), faults);
    Integer parallel = registration.maxParallelTasks();
    if (parallel != null && (parallel < 1 || parallel > MOST_PARALLEL)) {
      faults.add(new Problem.Fault("/max_parallel_tasks", "must be 1 to 1000"));
    }
    checkLength("/instance_id", registration.instanceId(), faults);
    checkLength("/version", registration.version(), faults);
    refuse(faults);
    caller.requireCapabilities(
        Objects.requireNonNullElse(registration.agentCapabilities(), List.of()));
    return workers.register(caller, worker, registration);
  }

  @PostMapping("/{worker}/heartbeat")
  HeartbeatAnswer heartbeat(
      Caller caller,
      @PathVariable String worker,
      @RequestBody(required = false) byte @Nullable [] body) {
    Heartbeat beat = JsonBody.read(body, Heartbeat.class);
    List<AttemptRef> running = beat.runningList();
    List<Problem.Fault> faults = new ArrayList<>();
    checkLength("/instance_id", beat.instanceId(), faults);
    if (running.size() > MOST_RUNNING) {
      faults.add(new Problem.Fault("/running", "must list at most 1000 attempts"));
    }
    for (int i = 0; i < running.size(); i++) {
      AttemptRef ref = running.get(i);
      if (ref == null || ref.workflowId() == null || ref.stepId() == null) {
        faults.add(new Problem.Fault("/running/" + i, "needs workflow_id, step_id and attempt"));
      }
    }
    refuse(faults);
    return workers.heartbeat(caller, worker, beat);
  }

  @DeleteMapping("/{worker}")
  ResponseEntity<Void> leave(
      Caller caller,
      @PathVariable String worker,
      @RequestParam(name = "instance_id", required = false) @Nullable String instance) {
    workers.leave(caller, worker, instance);
    return ResponseEntity.noContent().build();
  }

  private static void checkLength(
      String pointer, @Nullable String text, List<Problem.Fault> faults) {
    if (text != null && text.length() > LONGEST_TEXT) {
      faults.add(new Problem.Fault(pointer, "must have at most 200 characters"));
    }
  }

  private static void refuse(List<Problem.Fault> faults) {
    if (!faults.isEmpty()) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST.faults("The request is invalid.", faults));
    }
  }
}
