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
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Locks on files in memory: readers share, whoever writes is alone; they fall with the attempt.
 * Guarded by its {@link MemoryWorkflows}.
 */
final class MemoryLocks {
  private final Predicate<AttemptRef> isRunning;
  private final List<Held> held = new ArrayList<>();

  /**
   * None yet.
   *
   * @param isRunning whether an attempt still holds what it took
   */
  MemoryLocks(Predicate<AttemptRef> isRunning) {
    this.isRunning = isRunning;
  }

  private record Held(String id, String path, AccessType access, AttemptRef holder) {}

  /**
   * Takes a lock, or refuses at once: nobody waits here.
   *
   * @param until when it falls unless its attempt is kept alive
   */
  LockAnswer take(LockRequest request, Instant until) {
    AttemptRef holder =
        new AttemptRef(
            Objects.requireNonNullElse(request.workflowId(), ""),
            Objects.requireNonNullElse(request.stepId(), ""),
            Objects.requireNonNullElse(request.attempt(), 0));
    if (!isRunning.test(holder)) {
      throw new Refused(ProblemType.STALE_ATTEMPT, "The attempt is not the current one.");
    }
    String path =
        WorkspacePath.parse(Objects.requireNonNullElse(request.filePath(), ""))
            .map(WorkspacePath::value)
            .orElseThrow(
                () -> new Refused(ProblemType.INVALID_REQUEST, "file_path leaves the workspace"));
    AccessType access = Objects.requireNonNullElse(request.accessType(), AccessType.WRITE);
    Held other = other(path, access, holder);
    if (other != null) {
      throw new Refused(
          ProblemType.FILE_LOCKED, path + " is held by step " + other.holder().stepId() + ".");
    }
    return answer(path, access, holder, until);
  }

  /** Whether a step can have all the files that it declares. */
  boolean areFree(MemoryStep step) {
    return files(step).entrySet().stream()
        .allMatch(file -> other(file.getKey(), file.getValue(), step.ref()) == null);
  }

  /** An attempt that was begun holds what its step declares. */
  void takeDeclared(MemoryStep step) {
    files(step)
        .forEach(
            (path, access) ->
                held.add(new Held(UUID.randomUUID().toString(), path, access, step.ref())));
  }

  private static Map<String, AccessType> files(MemoryStep step) {
    Map<String, AccessType> given =
        Objects.requireNonNullElse(step.spec.fileAccessTypes(), Map.of());
    Map<String, AccessType> files = new TreeMap<>();
    step.spec
        .fileList()
        .forEach(path -> files.put(path, given.getOrDefault(path, AccessType.READ)));
    return files;
  }

  /** Who holds a file in a way that this access does not go with. */
  private @Nullable Held other(String path, AccessType access, AttemptRef holder) {
    held.removeIf(lock -> !isRunning.test(lock.holder()));
    return held.stream()
        .filter(lock -> lock.path().equals(path) && !lock.holder().equals(holder))
        .filter(lock -> lock.access() != AccessType.READ || access != AccessType.READ)
        .findFirst()
        .orElse(null);
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

  void letGo(String id) {
    if (!held.removeIf(lock -> lock.id().equals(id))) {
      throw new Refused(ProblemType.NOT_FOUND, "There is no such lock.");
    }
  }
}
