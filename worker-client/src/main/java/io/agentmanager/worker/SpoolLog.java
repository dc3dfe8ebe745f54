package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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

  /** Nobody takes over what is not named as a log yet. */
  private static final String BEGUN = ".new";

  private static final String UNREADABLE = ".unreadable";

  /** Of this process: closing any other handle of a file would give the system's lock back. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final String RESULT = "+";
  private static final String ANSWER = "-";

  /** Far more than any log grows to. */
  private static final long LARGEST = 1024L * 1024 * 1024;

  /** Beginning anew costs more than a few lines. */
  private static final long SMALL = 64 * 1024;

  private Path path;

  /** Not a channel, which an interrupted thread would close. */
  private final RandomAccessFile file;

  private final Set<AttemptRef> open = new HashSet<>();

  /** Whether it holds what this release cannot read: another one may. */
  private boolean unreadable;

  /** Whether half a line may stand at its end. */
  private boolean torn;

  private SpoolLog(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  static boolean isOne(Path file) {
    return file.toString().endsWith(SUFFIX);
  }

  static SpoolLog create(Path folder) throws IOException {
    String name = UUID.randomUUID().toString();
    Path begun = folder.resolve(name + BEGUN);
    try {
      SpoolLog made = locked(begun);
      if (made == null) {
        throw new IOException("no log can be locked in " + folder);
      }
      made.rename(folder.resolve(name + SUFFIX));
      return made;
    } catch (IOException e) {
      Files.deleteIfExists(begun);
      throw e;
    }
  }

  /** Removes what a process had begun that was killed before it was a log. */
  static void removeBegun(Path path) throws IOException {
    if (path.toString().endsWith(BEGUN)) {
      SpoolLog begun = locked(path);
      if (begun != null) {
        begun.delete();
      }
    }
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
    try {
      found.readAll(results);
      return found;
    } catch (IOException | RuntimeException e) {
      // What could not be read stays for another start.
      found.release();
      throw e;
    }
  }

  /** What stands after the last line break was being written when the process ended. */
  private void readAll(Map<AttemptRef, StepResult> results) throws IOException {
    if (file.length() > LARGEST) {
      throw new IOException("it is larger than any log of results");
    }
    byte[] all = new byte[Math.toIntExact(file.length())];
    file.seek(0);
    file.readFully(all);
    String text = new String(all, StandardCharsets.UTF_8);
    text.substring(0, text.lastIndexOf('\n') + 1).lines().forEach(line -> read(line, results));
    int whole = all.length;
    while (whole > 0 && all[whole - 1] != '\n') {
      whole--;
    }
    truncate(whole);
  }

  private static @Nullable SpoolLog locked(Path path) throws IOException {
    if (!HELD.add(path)) {
      return null;
    }
    RandomAccessFile file = null;
    SpoolLog made = null;
    try {
      file = new RandomAccessFile(path.toFile(), "rw");
      // Who held it until now may have removed it since.
      if (file.getChannel().tryLock() != null && Files.exists(path)) {
        made = new SpoolLog(path, file);
      }
      return made;
    } catch (OverlappingFileLockException e) {
      // Held by this process under another name of the folder, or by another class loader's worker.
      return null;
    } finally {
      if (made == null) {
        HELD.remove(path);
        if (file != null) {
          file.close();
        }
      }
    }
  }

  private void rename(Path to) throws IOException {
    HELD.add(to);
    try {
      Files.move(path, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      HELD.remove(to);
      release();
      throw e;
    }
    HELD.remove(path);
    path = to;
  }

  /** Gives the lock back. */
  private void release() throws IOException {
    try {
      file.close();
    } finally {
      HELD.remove(path);
    }
  }

  private void read(String line, Map<AttemptRef, StepResult> results) {
    try {
      String json = line.isEmpty() ? "" : line.substring(1);
      if (line.startsWith(RESULT)) {
        StepResult result = WireJson.mapper().readValue(json, StepResult.class);
        if (result == null) {
          cannotRead("null");
          return;
        }
        open.add(ResultSpool.ref(result));
        results.put(ResultSpool.ref(result), result);
      } else if (line.startsWith(ANSWER)) {
        AttemptRef answered = WireJson.mapper().readValue(json, AttemptRef.class);
        open.remove(answered);
        results.remove(answered);
      } else {
        cannotRead("neither a result nor an answer");
      }
    } catch (JacksonException e) {
      cannotRead(e.getOriginalMessage());
    }
  }

  private void cannotRead(String why) {
    unreadable = true;
    log.warn("{} holds a line that cannot be read, and is kept beside the others: {}", path, why);
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

  /** The last answer of all lets it begin anew, where it has grown or the disk is full. */
  void answered(AttemptRef attempt) throws IOException {
    open.remove(attempt);
    if (isAnswered() && !unreadable && file.length() > SMALL) {
      truncate(0);
      return;
    }
    try {
      write(ANSWER, WireJson.mapper().writeValueAsBytes(attempt));
    } catch (IOException e) {
      if (!isAnswered() || unreadable) {
        throw e;
      }
      truncate(0);
    }
  }

  private void truncate(long length) throws IOException {
    file.setLength(length);
    file.seek(length);
  }

  /** Whether another line may follow, and would be found again. */
  boolean isUsable() {
    return !torn && Files.exists(path);
  }

  /** Removes it, once everything in it is answered; for people, where not all can be read. */
  void delete() throws IOException {
    open.clear();
    try {
      if (unreadable) {
        Files.move(path, path.resolveSibling(path.getFileName() + UNREADABLE));
      } else {
        Files.deleteIfExists(path);
      }
    } finally {
      release();
    }
  }

  /** Gives the lock back; one in which everything is answered goes. */
  void close() {
    try {
      if (isAnswered()) {
        delete();
      } else {
        release();
      }
    } catch (IOException e) {
      log.warn("{} stays: {}", path, e.toString());
    }
  }

  /** One write: whoever is killed leaves half a line at most, at the end; a full disk none. */
  private void write(String kind, byte[] json) throws IOException {
    byte[] line = new byte[json.length + 2];
    line[0] = (byte) kind.charAt(0);
    System.arraycopy(json, 0, line, 1, json.length);
    line[line.length - 1] = '\n';
    long before = file.getFilePointer();
    try {
      file.write(line);
    } catch (IOException e) {
      torn = true;
      truncate(before);
      torn = false;
      throw e;
    }
  }
}
