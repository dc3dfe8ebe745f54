package io.agentmanager.worker;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.file.WorkspacePath;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one attempt: what its step declares, which the server locked with the claim, and
 * what it asks for while it runs. With a workspace, each is locked in the operating system as well.
 */
final class AttemptFiles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AttemptFiles.class);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private final GatewayClient gateway;
  private final String client;
  private final ClaimedTask task;
  private final @Nullable OsFileLocks system;
  private final Map<String, Holding> held = new HashMap<>();

  /** A file that is held: how, and how often it was asked for besides the declaration. */
  private static final class Holding {
    private AccessType access;
    private OsFileLocks.@Nullable Held lock;
    private int asked;
    private boolean declared;

    Holding(AccessType access) {
      this.access = access;
    }

    void release() {
      if (lock != null) {
        lock.close();
        lock = null;
      }
    }
  }

  AttemptFiles(
      GatewayClient gateway, String client, ClaimedTask task, @Nullable OsFileLocks system) {
    this.gateway = gateway;
    this.client = client;
    this.task = task;
    this.system = system;
  }

  /** Locks the declared files in the operating system, in the order of their names. */
  void takeDeclared() throws IOException, InterruptedException {
    for (String path : new TreeSet<>(task.fileDependencies())) {
      AccessType access = task.fileAccessTypes().getOrDefault(path, AccessType.READ);
      hold(parse(path), access, LONGEST_WAIT, true);
    }
  }

  /** Locks a file at the server, then in the operating system. */
  HeldFile take(String text, AccessType access, Duration atMost)
      throws IOException, InterruptedException {
    WorkspacePath path = parse(text);
    if (isDeclared(path, access)) {
      return new HeldFile(path.value(), access, () -> {});
    }
    int seconds = (int) Math.min(atMost.toSeconds(), LONGEST_WAIT.toSeconds());
    LockAnswer answer =
        gateway.lock(
            new LockRequest(
                client,
                task.workflowId(),
                task.stepId(),
                task.attempt(),
                path.value(),
                access,
                seconds));
    try {
      hold(path, access, atMost, false);
    } catch (IOException | InterruptedException e) {
      if (!isHeld(path)) {
        letGo(answer.lockId());
      }
      throw e;
    }
    AtomicBoolean open = new AtomicBoolean(true);
    return new HeldFile(
        path.value(),
        access,
        () -> {
          if (open.compareAndSet(true, false)) {
            release(path, answer.lockId());
          }
        });
  }

  @Override
  public synchronized void close() {
    held.values().forEach(Holding::release);
    held.clear();
  }

  /** Whether the claim has locked it already, and for long enough. */
  private synchronized boolean isDeclared(WorkspacePath path, AccessType access) {
    Holding holding = held.get(path.value());
    return holding != null && holding.declared && holding.access.ordinal() >= access.ordinal();
  }

  private synchronized boolean isHeld(WorkspacePath path) {
    return held.containsKey(path.value());
  }

  private synchronized void hold(
      WorkspacePath path, AccessType access, Duration atMost, boolean declared)
      throws IOException, InterruptedException {
    Holding holding = held.get(path.value());
    if (holding == null || holding.access.ordinal() < access.ordinal()) {
      Holding stronger = lock(path, access, atMost, holding);
      held.put(path.value(), stronger);
      holding = stronger;
    }
    holding.declared |= declared;
    holding.asked += declared ? 0 : 1;
  }

  /** The operating system knows no upgrade: the weaker lock goes before the stronger one comes. */
  private Holding lock(
      WorkspacePath path, AccessType access, Duration atMost, @Nullable Holding weaker)
      throws IOException, InterruptedException {
    Holding stronger = new Holding(access);
    if (weaker != null) {
      weaker.release();
      stronger.asked = weaker.asked;
      stronger.declared = weaker.declared;
    }
    if (system != null) {
      try {
        stronger.lock = system.take(path, access, atMost);
      } catch (IOException | InterruptedException e) {
        if (weaker != null) {
          weaker.lock = system.take(path, weaker.access, atMost);
        }
        throw e;
      }
    }
    return stronger;
  }

  /** The last of those that asked lets go; what the step declares stays until the attempt ends. */
  private void release(WorkspacePath path, String lockId) {
    boolean last;
    synchronized (this) {
      Holding holding = held.get(path.value());
      last = holding != null && --holding.asked == 0 && !holding.declared;
      if (holding != null && last) {
        held.remove(path.value());
        holding.release();
      }
    }
    if (last) {
      letGo(lockId);
    }
  }

  /** A lock that could not be let go falls with its attempt. */
  private void letGo(String lockId) {
    try {
      gateway.unlock(lockId);
    } catch (IOException e) {
      log.info("a lock of {} was not let go: {}", task.stepId(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static WorkspacePath parse(String text) throws IOException {
    return WorkspacePath.parse(text)
        .orElseThrow(() -> new IOException(text + " is no path within the workspace"));
  }
}
