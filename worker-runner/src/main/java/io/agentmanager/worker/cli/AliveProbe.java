package io.agentmanager.worker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Looks whether a worker on this machine works, for images that have no shell to look: whether the
 * file of its {@code --alive-file} was touched in the last minute.
 */
public final class AliveProbe {
  private static final Duration FRESH = Duration.ofMinutes(1);

  private AliveProbe() {}

  /** Ends with status 0 when the file in the first argument is fresh, else with 1. */
  public static void main(String[] args) {
    System.exit(isFresh(Path.of(args[0]), Instant.now()) ? 0 : 1);
  }

  static boolean isFresh(Path file, Instant now) {
    try {
      Instant touched = Files.getLastModifiedTime(file).toInstant();
      return touched.isAfter(now.minus(FRESH));
    } catch (IOException e) {
      return false;
    }
  }
}
