package io.agentmanager.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AliveProbeTest {
  @TempDir private Path folder;

  @Test
  void aFileThatWasTouchedInTheLastMinuteIsFresh() throws Exception {
    Path file = Files.createFile(folder.resolve("alive"));
    Instant touched = Files.getLastModifiedTime(file).toInstant();
    assertThat(AliveProbe.isFresh(file, touched.plusSeconds(59))).isTrue();
    assertThat(AliveProbe.isFresh(file, touched.plusSeconds(61))).isFalse();
    assertThat(AliveProbe.isFresh(folder.resolve("none"), touched)).isFalse();
  }
}
