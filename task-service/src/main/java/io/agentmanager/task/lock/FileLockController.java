package io.agentmanager.task.lock;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.file.WorkspacePath;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.file.FileLockStore;
import io.agentmanager.task.worker.Workers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Locks that steps ask for while they run, over HTTP. */
@RestController
class FileLockController {
  private static final int LONGEST_WAIT_SEC = 30;
  private final TakeFileLock locks;
  private final Workers workers;
  private final InstantSource clock;
  private final Scheduler blocking;

  FileLockController(TakeFileLock locks, Workers workers, InstantSource clock, Scheduler blocking) {
    this.locks = locks;
    this.workers = workers;
    this.clock = clock;
    this.blocking = blocking;
  }

  @PostMapping("/v1/locks")
  Mono<ResponseEntity<LockAnswer>> take(
      Caller caller, @RequestBody(required = false) byte @Nullable [] body) {
    Wish wish = wish(caller.tenant(), JsonBody.read(body, LockRequest.class));
    return Mono.fromCallable(
            () -> {
              workers.requireOwner(caller, wish.worker());
              return locks.take(wish.file(), wish.worker(), wish.until());
            })
        .subscribeOn(blocking)
        .map(FileLockController::answer);
  }

  @DeleteMapping("/v1/locks/{lock}")
  ResponseEntity<Void> release(Caller caller, @PathVariable String lock) {
    boolean released = id(lock).map(id -> locks.release(caller, id)).orElse(Boolean.FALSE);
    if (!released) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such lock now.");
    }
    return ResponseEntity.noContent().build();
  }

  private record Wish(FileLockStore.Use file, String worker, Instant until) {}

  private Wish wish(TenantId tenant, LockRequest request) {
    List<Problem.Fault> faults = new ArrayList<>();
    String client = required("/client_id", request.clientId(), faults);
    String workflow = required("/workflow_id", request.workflowId(), faults);
    String step = required("/step_id", request.stepId(), faults);
    String path = required("/file_path", request.filePath(), faults);
    int attempt = request.attempt() == null ? 0 : request.attempt();
    if (attempt < 1) {
      faults.add(new Problem.Fault("/attempt", "must be 1 or more"));
    }
    int wait = request.waitSec() == null ? 0 : request.waitSec();
    if (wait < 0 || wait > LONGEST_WAIT_SEC) {
      faults.add(new Problem.Fault("/wait_sec", "must be 0 to 30"));
    }
    Optional<WorkspacePath> inside = WorkspacePath.parse(path);
    if (!path.isEmpty() && inside.isEmpty()) {
      faults.add(
          new Problem.Fault("/file_path", "must be a path within the workspace, with / between"));
    }
    if (!faults.isEmpty()) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST.faults("The wish for a lock is invalid.", faults));
    }
    AccessType access = request.accessType() == null ? AccessType.WRITE : request.accessType();
    return new Wish(
        new FileLockStore.Use(
            new StepKey(WorkflowKey.of(tenant.value(), workflow), new StepId(step)),
            attempt,
            inside.map(WorkspacePath::value).orElseThrow(),
            access),
        client,
        clock.instant().plusSeconds(wait));
  }

  private static String required(
      String pointer, @Nullable String text, List<Problem.Fault> faults) {
    if (text == null || text.isBlank()) {
      faults.add(new Problem.Fault(pointer, "is required"));
      return "";
    }
    return text;
  }

  private static Optional<UUID> id(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static ResponseEntity<LockAnswer> answer(LockReply reply) {
    return switch (reply) {
      case LockReply.Granted granted ->
          ResponseEntity.status(HttpStatus.CREATED).body(granted.answer());
      case LockReply.Taken taken ->
          throw ProblemException.of(ProblemType.FILE_LOCKED, named(taken.by()));
      case LockReply.Circle circle ->
          throw ProblemException.of(
              ProblemType.LOCK_CIRCLE,
              named(circle.by()) + " It waits, in the end, for this step.");
      case LockReply.Stale stale ->
          throw ProblemException.of(ProblemType.STALE_ATTEMPT, stale.why());
      case LockReply.UnknownStep unknown ->
          throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such step.");
    };
  }

  private static String named(FileLockStore.Holder holder) {
    return "It is held (%s) by step %s of workflow %s, attempt %d, worker %s."
        .formatted(
            holder.access().name().toLowerCase(java.util.Locale.ROOT),
            holder.step().step(),
            holder.step().workflow().workflow(),
            holder.attempt(),
            holder.worker());
  }
}
