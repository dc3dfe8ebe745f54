package io.agentmanager.worker.testing;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.file.WorkspacePath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;

/** Locks on files in memory: readers share, whoever writes is alone; they fall with the attempt. */
final class MemoryLocks {
  private final List<Held> held = new ArrayList<>();

  private record Held(String id, String path, AccessType access, AttemptRef holder) {}

  /**
   * Takes a lock, or refuses at once: nobody waits here.
   *
   * @param until when it falls unless its attempt is kept alive
   * @param isRunning whether an attempt still holds what it took
   */
  synchronized LockAnswer take(
      LockRequest request, Instant until, Predicate<AttemptRef> isRunning) {
    AttemptRef holder =
        new AttemptRef(
            Objects.requireNonNullElse(request.workflowId(), ""),
            Objects.requireNonNullElse(request.stepId(), ""),
            Objects.requireNonNullElse(request.attempt(), 0));
    if (!isRunning.test(holder)) {
      throw new MemoryWorkflows.Refused(
          ProblemType.STALE_ATTEMPT, "The attempt is not the current one.");
    }
    String path =
        WorkspacePath.parse(Objects.requireNonNullElse(request.filePath(), ""))
            .map(WorkspacePath::value)
            .orElseThrow(
                () ->
                    new MemoryWorkflows.Refused(
                        ProblemType.INVALID_REQUEST, "file_path leaves the workspace"));
    AccessType access = Objects.requireNonNullElse(request.accessType(), AccessType.WRITE);
    held.removeIf(lock -> !isRunning.test(lock.holder()));
    for (Held lock : held) {
      boolean shared = lock.access() == AccessType.READ && access == AccessType.READ;
      if (lock.path().equals(path) && !lock.holder().equals(holder) && !shared) {
        throw new MemoryWorkflows.Refused(
            ProblemType.FILE_LOCKED, path + " is held by step " + lock.holder().stepId() + ".");
      }
    }
    return answer(path, access, holder, until);
  }

  private LockAnswer answer(String path, AccessType access, AttemptRef holder, Instant until) {
    String known =
        held.stream()
            .filter(lock -> lock.path().equals(path) && lock.holder().equals(holder))
            .map(Held::id)
            .findFirst()
            .orElseGet(() -> UUID.randomUUID().toString());
    held.removeIf(lock -> lock.id().equals(known));
    held.add(new Held(known, path, access, holder));
    return new LockAnswer(known, until);
  }

  synchronized void letGo(String id) {
    if (!held.removeIf(lock -> lock.id().equals(id))) {
      throw new MemoryWorkflows.Refused(ProblemType.NOT_FOUND, "There is no such lock.");
    }
  }
}
