package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finished results on disk until the server has answered each, so that a worker that is restarted
 * in between sends them and the work is not done again. They stand in logs, in a folder that its
 * owner alone may enter. A process appends to a log of its own, and takes over those whose process
 * has gone. May be used by several threads.
 */
final class ResultSpool implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ResultSpool.class);
  private static final long LARGEST_LOG = 4 * 1024 * 1024;
  private final Path folder;
  private final Map<AttemptRef, SpoolLog> open = new HashMap<>();
  private final Map<AttemptRef, StepResult> left = new LinkedHashMap<>();

  /** All that are locked: the one that is written, and others in which something waits. */
  private final Set<SpoolLog> held = new HashSet<>();

  private @Nullable SpoolLog current;
  private boolean closed;

  private ResultSpool(Path folder) {
    this.folder = folder;
  }

  /**
   * A spool for the worker of that name at that server: another one has no right to its results.
   *
   * @throws IOException when the folder cannot be made or written
   */
  static ResultSpool in(Path root, String worker, URI server) throws IOException {
    Path folder = root.toAbsolutePath().resolve(name(worker + " at " + server));
    makeFolder(folder);
    if (!Files.isWritable(folder)) {
      throw new IOException(folder + " cannot be written");
    }
    ResultSpool spool = new ResultSpool(folder.toRealPath());
    spool.takeOver();
    return spool;
  }

  private static void makeFolder(Path folder) throws IOException {
    Files.createDirectories(folder);
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private synchronized void takeOver() throws IOException {
    List<Path> found;
    try (Stream<Path> files = Files.list(folder)) {
      found = files.sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    found.forEach(this::takeOver);
  }

  /** One that cannot be read holds up no other. */
  private void takeOver(Path file) {
    try {
      if (!SpoolLog.isOne(file)) {
        SpoolLog.removeBegun(file);
        return;
      }
      SpoolLog found = SpoolLog.takeOver(file, left);
      if (found != null && !found.isAnswered()) {
        found.open().forEach(attempt -> open.put(attempt, found));
        held.add(found);
      } else if (found != null) {
        found.delete();
      }
    } catch (IOException | RuntimeException e) {
      log.warn("{} cannot be taken over: {}", file, e.toString());
    }
  }

  /** Keeps a result, as it is sent; one that cannot be kept is sent all the same. */
  synchronized void keep(AttemptRef attempt, byte[] json) {
    if (closed) {
      log.warn("the result of {} came too late to be kept on disk", attempt);
      return;
    }
    try {
      SpoolLog to = writable();
      to.add(attempt, json);
      open.put(attempt, to);
    } catch (IOException e) {
      log.warn("the result of {} is not kept on disk: {}", attempt, e.toString());
    }
  }

  /** Whoever tidies up may remove it under the process, which would go on writing to nowhere. */
  private SpoolLog writable() throws IOException {
    SpoolLog to = current;
    if (to == null || to.size() > LARGEST_LOG || !to.isUsable()) {
      makeFolder(folder);
      to = SpoolLog.create(folder);
      held.add(to);
      current = to;
    }
    return to;
  }

  /** The server has answered. */
  synchronized void forget(AttemptRef attempt) {
    left.remove(attempt);
    SpoolLog in = open.remove(attempt);
    if (in == null) {
      return;
    }
    try {
      if (in != current && in.open().equals(Set.of(attempt))) {
        held.remove(in);
        in.delete();
      } else {
        in.answered(attempt);
      }
    } catch (IOException e) {
      log.warn("an answered result stays on disk: {}", e.toString());
    }
  }

  /** The server will not have it: it is kept for whoever looks, and not sent again. */
  synchronized void setAside(StepResult result) {
    AttemptRef attempt = ref(result);
    try {
      Files.write(
          folder.resolve(name(attempt.toString()) + ".refused.json"),
          WireJson.mapper().writeValueAsBytes(result));
      forget(attempt);
    } catch (IOException e) {
      log.warn("a refused result stays where it is: {}", e.toString());
    }
  }

  /** What processes before this one left, and nobody has answered yet. */
  synchronized List<StepResult> left() {
    return List.copyOf(left.values());
  }

  /** Which results wait for an answer. */
  synchronized Set<AttemptRef> waiting() {
    return Set.copyOf(open.keySet());
  }

  /** Leaves what was not answered to the next process; where there is nothing, no folder either. */
  @Override
  public synchronized void close() {
    closed = true;
    held.forEach(SpoolLog::close);
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // Somebody will want it.
    } catch (IOException e) {
      log.warn("{} stays: {}", folder, e.toString());
    }
  }

  static AttemptRef ref(StepResult result) {
    return new AttemptRef(result.workflowId(), result.stepId(), result.attempt());
  }

  /** Names of workers and steps may hold what file systems do not like. */
  private static String name(String text) {
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
