package io.agentmanager.worker;

import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Finished results on disk until the server has answered each, so that a worker that is restarted
 * in between sends them and the work is not done again. A file a result, in a folder that its owner
 * alone may enter.
 */
final class ResultSpool {
  private static final Logger log = LoggerFactory.getLogger(ResultSpool.class);
  private static final String SUFFIX = ".json";
  private final Path folder;

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
    return new ResultSpool(folder);
  }

  /** Keeps a result, as it is sent; one that cannot be kept is sent all the same. */
  void keep(AttemptRef attempt, byte[] json) {
    Path target = file(attempt);
    try {
      Path draft = target.resolveSibling(target.getFileName() + ".tmp");
      Files.write(draft, json);
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn("the result of {} is not kept on disk: {}", attempt, e.toString());
    }
  }

  /** The server has answered. */
  void forget(AttemptRef attempt) {
    try {
      Files.deleteIfExists(file(attempt));
    } catch (IOException e) {
      log.warn("an answered result stays on disk: {}", e.toString());
    }
  }

  /** The server will not have it: it is kept for whoever looks, and not sent again. */
  void setAside(AttemptRef attempt) {
    Path file = file(attempt);
    try {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".refused"),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("a refused result stays where it is: {}", e.toString());
    }
  }

  /** What an earlier process left; what cannot be read is left where it is. */
  List<StepResult> left() throws IOException {
    List<StepResult> results = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList()) {
        try {
          results.add(WireJson.mapper().readValue(Files.readAllBytes(file), StepResult.class));
        } catch (NoSuchFileException e) {
          log.debug("{} was answered just now", file);
        } catch (JacksonException e) {
          log.warn("{} holds no result: {}", file, e.getOriginalMessage());
        }
      }
    }
    return results;
  }

  static AttemptRef ref(StepResult result) {
    return new AttemptRef(result.workflowId(), result.stepId(), result.attempt());
  }

  private Path file(AttemptRef attempt) {
    return folder.resolve(name(attempt.toString()) + SUFFIX);
  }

  /** Names of workers and steps may hold what file systems do not like. */
  private static String name(String text) {
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
