package io.agentmanager.worker;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.file.WorkspacePath;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The operating system's locks on files of a workspace, so that workers on one machine respect each
 * other even where they serve different servers or tenants. What is locked is a file beside the
 * workspace's own under {@code .agentmanager/locks}, one a path, since a file that is replaced
 * whole takes its lock away with it. The operating system frees them when the process dies.
 */
final class OsFileLocks {
  private static final Path FOLDER = Path.of(".agentmanager", "locks");
  private static final int ALL = Integer.MAX_VALUE;
  private static final Duration LOOK = Duration.ofMillis(50);

  /** The operating system counts a process as one holder; within it, this map does. */
  private static final Map<Path, Shared> WITHIN = new ConcurrentHashMap<>();

  private final Path workspace;
  private final Path folder;

  OsFileLocks(Path workspace) {
    this.workspace = workspace.toAbsolutePath().normalize();
    this.folder = this.workspace.resolve(FOLDER);
  }

  /** A lock that is held until it is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private static final class Shared {
    private final Semaphore permits = new Semaphore(ALL, true);
    private int readers;
    private @Nullable FileLock lock;
  }

  /**
   * Takes a lock.
   *
   * @throws IOException when others hold the file all the time, when a symbolic link leads out of
   *     the workspace, or when the lock file cannot be made
   */
  Held take(WorkspacePath path, AccessType access, Duration atMost)
      throws IOException, InterruptedException {
    String name = name(path);
    if (!Files.isWritable(workspace)) {
      if (access != AccessType.READ) {
        throw new IOException(path.value() + " cannot be locked: the workspace is read-only");
      }
      // Nobody writes here, so readers need no lock, and there is no place for one.
      return () -> {};
    }
    Files.createDirectories(folder);
    Path file = folder.resolve(name);
    Shared shared = WITHIN.computeIfAbsent(file, f -> new Shared());
    int permits = access == AccessType.READ ? 1 : ALL;
    long end = System.nanoTime() + atMost.toNanos();
    if (!shared.permits.tryAcquire(permits, atMost.toNanos(), TimeUnit.NANOSECONDS)) {
      throw taken(path);
    }
    try {
      lock(shared, file, path, access == AccessType.READ, end);
    } catch (IOException | InterruptedException | RuntimeException e) {
      shared.permits.release(permits);
      throw e;
    }
    AtomicBoolean held = new AtomicBoolean(true);
    return () -> {
      if (held.compareAndSet(true, false)) {
        release(shared, permits);
      }
    };
  }

  private static void lock(Shared shared, Path file, WorkspacePath path, boolean reading, long end)
      throws IOException, InterruptedException {
    synchronized (shared) {
      if (shared.lock == null) {
        shared.lock = lockFile(file, path, reading, end);
      }
      shared.readers++;
    }
  }

  private static FileLock lockFile(Path file, WorkspacePath path, boolean reading, long end)
      throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, reading);
      while (lock == null) {
        if (System.nanoTime() > end) {
          throw taken(path);
        }
        Thread.sleep(LOOK);
        lock = channel.tryLock(0, Long.MAX_VALUE, reading);
      }
      return lock;
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void release(Shared shared, int permits) {
    synchronized (shared) {
      shared.readers--;
      FileLock lock = shared.lock;
      if (shared.readers == 0 && lock != null) {
        shared.lock = null;
        closeQuietly(lock);
      }
    }
    shared.permits.release(permits);
  }

  private static void closeQuietly(FileLock lock) {
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static IOException taken(WorkspacePath path) {
    return new IOException("another process on this machine holds " + path.value());
  }

  /** Two paths that lead to one file have one name. */
  private String name(WorkspacePath path) throws IOException {
    Path root = workspace.toRealPath();
    Path target = workspace.resolve(path.value());
    Path there = target;
    while (!Files.exists(there)) {
      there = there.getParent() == null ? workspace : there.getParent();
    }
    Path real = there.toRealPath();
    if (!real.startsWith(root)) {
      throw new IOException(path.value() + " leaves the workspace");
    }
    return hash(root.relativize(real.resolve(there.relativize(target))).toString());
  }

  private static String hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
