package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
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
  private @Nullable SpoolLog current;

  private ResultSpool(Path folder) {
    this.folder = folder;
  }

  /**
   * A spool for the worker of that name at that server: another one has no right to its results.
   *
   * @throws IOException when the folder cannot be made or written
   */
  static ResultSpool in(Path root, String worker, URI server) throws IOException {
    Path folder = root.resolve(name(worker + " at " + server));
    Files.createDirectories(folder);
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(folder + " cannot be written");
    }
    ResultSpool spool = new ResultSpool(folder);
    spool.takeOver();
    return spool;
  }

  private synchronized void takeOver() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(SpoolLog::isOne).sorted().toList()) {
        takeOver(file);
      }
    }
  }

  /** One that cannot be read holds up no other. */
  private void takeOver(Path file) {
    try {
      SpoolLog found = SpoolLog.takeOver(file, left);
      if (found != null && !found.isAnswered()) {
        found.open().forEach(attempt -> open.put(attempt, found));
      } else if (found != null) {
        found.delete();
      }
    } catch (IOException e) {
      log.warn("{} cannot be taken over: {}", file, e.toString());
    }
  }

  /** Keeps a result, as it is sent; one that cannot be kept is sent all the same. */
  synchronized void keep(AttemptRef attempt, byte[] json) {
    try {
      if (current == null || current.size() > LARGEST_LOG) {
        current = SpoolLog.create(folder);
      }
      current.add(attempt, json);
      open.put(attempt, current);
    } catch (IOException e) {
      log.warn("the result of {} is not kept on disk: {}", attempt, e.toString());
    }
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

  /** Whether nothing waits for an answer. */
  synchronized boolean isEmpty() {
    return open.isEmpty();
  }

  /** Leaves what was not answered to the next process. */
  @Override
  public synchronized void close() {
    Stream.concat(open.values().stream(), Stream.ofNullable(current))
        .distinct()
        .forEach(SpoolLog::close);
    current = null;
  }

  static AttemptRef ref(StepResult result) {
    return new AttemptRef(result.workflowId(), result.stepId(), result.attempt());
  }

  /** Names of workers and steps may hold what file systems do not like. */
  private static String name(String text) {
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
