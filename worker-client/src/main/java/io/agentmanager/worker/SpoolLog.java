package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * A log of results: a line for each, and another when it is answered. Two writes at the end of a
 * file that is open cost a small part of what making and removing a file does. The process that
 * writes holds the operating system's lock on it. Guarded by its {@link ResultSpool}.
 */
final class SpoolLog {
  private static final Logger log = LoggerFactory.getLogger(SpoolLog.class);
  private static final String SUFFIX = ".log";
  private static final char RESULT = '+';
  private static final char ANSWER = '-';

  /** Beginning anew costs more than a few lines. */
  private static final long SMALL = 64 * 1024;

  private final Path path;

  /** Not a channel, which an interrupted thread would close. */
  private final RandomAccessFile file;

  private final Set<AttemptRef> open = new HashSet<>();

  private SpoolLog(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  static boolean isOne(Path file) {
    return file.toString().endsWith(SUFFIX);
  }

  static SpoolLog create(Path folder) throws IOException {
    Path path = folder.resolve(UUID.randomUUID() + SUFFIX);
    SpoolLog made = locked(path);
    if (made == null) {
      throw new IOException(path + " is locked by somebody else");
    }
    return made;
  }

  /**
   * Takes a log over.
   *
   * @param results gets what is not answered
   * @return null where another process writes it still
   */
  static @Nullable SpoolLog takeOver(Path path, Map<AttemptRef, StepResult> results)
      throws IOException {
    SpoolLog found = locked(path);
    if (found == null) {
      return null;
    }
    for (String line : Files.readString(path).lines().toList()) {
      try {
        found.read(line, results);
      } catch (JacksonException e) {
        // The process ended while it wrote this.
        log.warn("{} holds half a line: {}", path, e.getOriginalMessage());
      }
    }
    found.file.seek(found.file.length());
    return found;
  }

  private static @Nullable SpoolLog locked(Path path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      FileLock lock = file.getChannel().tryLock();
      if (lock != null) {
        return new SpoolLog(path, file);
      }
    } catch (OverlappingFileLockException e) {
      log.debug("{} is another worker's of this process", path);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    file.close();
    return null;
  }

  private void read(String line, Map<AttemptRef, StepResult> results) {
    if (line.isEmpty()) {
      return;
    }
    String json = line.substring(1);
    if (line.charAt(0) == RESULT) {
      StepResult result = WireJson.mapper().readValue(json, StepResult.class);
      open.add(ResultSpool.ref(result));
      results.put(ResultSpool.ref(result), result);
    } else if (line.charAt(0) == ANSWER) {
      AttemptRef answered = WireJson.mapper().readValue(json, AttemptRef.class);
      open.remove(answered);
      results.remove(answered);
    }
  }

  /** Which results are not answered. */
  Set<AttemptRef> open() {
    return Set.copyOf(open);
  }

  boolean isAnswered() {
    return open.isEmpty();
  }

  long size() throws IOException {
    return file.length();
  }

  void add(AttemptRef attempt, byte[] json) throws IOException {
    write(RESULT, json);
    open.add(attempt);
  }

  void answered(AttemptRef attempt) throws IOException {
    open.remove(attempt);
    write(ANSWER, WireJson.mapper().writeValueAsBytes(attempt));
  }

  /** Begins anew, where it has grown. */
  void clear() throws IOException {
    if (file.length() > SMALL) {
      file.setLength(0);
      file.seek(0);
    }
  }

  void delete() throws IOException {
    file.close();
    Files.deleteIfExists(path);
  }

  /** Gives the lock back; one in which everything is answered goes. */
  void close() {
    try {
      file.close();
      if (isAnswered()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      log.warn("{} stays: {}", path, e.toString());
    }
  }

  /** One write: whoever is killed leaves half a line at most, at the end. */
  private void write(char kind, byte[] json) throws IOException {
    byte[] line = new byte[json.length + 2];
    line[0] = (byte) kind;
    System.arraycopy(json, 0, line, 1, json.length);
    line[line.length - 1] = '\n';
    file.write(line);
  }
}
