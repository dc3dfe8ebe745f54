package io.agentmanager.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.diagnostics.FreeSpace.Room;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeSpaceTest {
  private static final long MIB = 1024L * 1024;

  @Test
  void littleIsADoubtAndHardlyAnyAFailure() {
    assertThat(Room.of(10_000 * MIB, 100_000 * MIB)).isEqualTo(Room.ENOUGH);
    assertThat(Room.of(200 * MIB, 100_000 * MIB)).isEqualTo(Room.LITTLE);
    assertThat(Room.of(10 * MIB, 100_000 * MIB)).isEqualTo(Room.HARDLY_ANY);
  }

  @Test
  void aSmallFileSystemIsEnoughWhileItIsEmpty() {
    assertThat(Room.of(60 * MIB, 64 * MIB)).isEqualTo(Room.ENOUGH);
    assertThat(Room.of(10 * MIB, 64 * MIB)).isEqualTo(Room.LITTLE);
    assertThat(Room.of(2 * MIB, 64 * MIB)).isEqualTo(Room.HARDLY_ANY);
  }

  @Test
  void everyFolderIsLookedAtAndOneThatIsNotThereFails(@TempDir Path one, @TempDir Path other)
      throws Exception {
    assertThat(new FreeSpace(List.of(one, other)).call())
        .contains("MiB free at " + one, "MiB free at " + other);
    assertThatThrownBy(new FreeSpace(List.of(one, other.resolve("missing")))::call)
        .isInstanceOf(NoSuchFileException.class);
  }
}
