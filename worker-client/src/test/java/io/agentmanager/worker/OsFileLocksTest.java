package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.file.WorkspacePath;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OsFileLocksTest {
  private static final Duration SOON = Duration.ofMillis(120);
  private static final WorkspacePath FILE = WorkspacePath.parse("docs/a.md").orElseThrow();
  @TempDir private Path workspace;

  @Test
  void withinAProcessReadersShareAndAWriterIsAlone() throws Exception {
    OsFileLocks locks = new OsFileLocks(workspace);
    OsFileLocks.Held first = locks.take(FILE, AccessType.READ, SOON);
    OsFileLocks.Held second = locks.take(FILE, AccessType.READ, SOON);
    assertThatThrownBy(() -> locks.take(FILE, AccessType.WRITE, SOON))
        .hasMessageContaining("docs/a.md");
    first.close();
    assertThatThrownBy(() -> locks.take(FILE, AccessType.WRITE, SOON)).isNotNull();
    second.close();
    try (OsFileLocks.Held writer = locks.take(FILE, AccessType.EXCLUSIVE, SOON)) {
      assertThat(writer).isNotNull();
      assertThatThrownBy(() -> locks.take(FILE, AccessType.READ, SOON)).isNotNull();
    }
    locks.take(FILE, AccessType.READ, SOON).close();
  }

  @Test
  void theLockIsTheOperatingSystems() throws Exception {
    OsFileLocks locks = new OsFileLocks(workspace);
    try (OsFileLocks.Held held = locks.take(FILE, AccessType.WRITE, SOON)) {
      assertThat(held).isNotNull();
      try (FileChannel channel = FileChannel.open(lockFile(), StandardOpenOption.WRITE)) {
        assertThatThrownBy(channel::tryLock).isInstanceOf(OverlappingFileLockException.class);
      }
    }
    try (FileChannel channel = FileChannel.open(lockFile(), StandardOpenOption.WRITE);
        FileLock free = channel.tryLock()) {
      assertThat(free).isNotNull();
    }
  }

  @Test
  void anotherProcessThatHoldsTheFileIsWaitedForInVain() throws Exception {
    OsFileLocks locks = new OsFileLocks(workspace);
    locks.take(FILE, AccessType.WRITE, SOON).close();
    Process other =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    HoldsAFile.class.getName(),
                    lockFile().toString()))
            .start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("held");
      assertThatThrownBy(() -> locks.take(FILE, AccessType.READ, SOON))
          .hasMessageContaining("another process");
    } finally {
      other.destroyForcibly();
      assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    locks.take(FILE, AccessType.READ, Duration.ofSeconds(5)).close();
  }

  /** Another process with a lock. */
  static final class HoldsAFile {
    public static void main(String[] args) throws Exception {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        System.out.println(held.isValid() ? "held" : "not held");
        int unused = System.in.read();
      }
    }
  }

  private Path lockFile() throws Exception {
    try (Stream<Path> files = Files.list(workspace.resolve(".agentmanager/locks"))) {
      return files.findFirst().orElseThrow();
    }
  }
}
