package io.agentmanager.worker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file whose age tells {@link AliveProbe} whether the worker lives. */
final class AliveFile {
  private static final Logger log = LoggerFactory.getLogger(AliveFile.class);

  private AliveFile() {}

  /** Makes it new. */
  static void touch(Path file) {
    try {
      Files.write(file, new byte[0]);
    } catch (IOException e) {
      log.warn("{} cannot be touched: {}", file, e.toString());
    }
  }
}
