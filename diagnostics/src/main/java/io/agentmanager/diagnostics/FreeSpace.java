package io.agentmanager.diagnostics;

import io.agentmanager.diagnostics.Dependency.Doubt;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Looks how much room file systems have: little is a doubt, hardly any a failure. */
final class FreeSpace implements Callable<String> {
  private static final long MIB = 1024L * 1024;
  private static final Bound LITTLE = new Bound(256 * MIB, 5);
  private static final Bound HARDLY_ANY = new Bound(16 * MIB, 20);
  private final List<Path> folders;

  FreeSpace(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /**
   * Less than so many bytes and less than this part of the whole: in a container the file system is
   * a small one of the service's own, and enough while it is empty.
   */
  record Bound(long bytes, int part) {
    boolean undercuts(long free, long total) {
      return free < bytes && free < total / part;
    }
  }

  /** How little there is. */
  enum Room {
    ENOUGH,
    LITTLE,
    HARDLY_ANY;

    static Room of(long free, long total) {
      if (FreeSpace.HARDLY_ANY.undercuts(free, total)) {
        return HARDLY_ANY;
      }
      return FreeSpace.LITTLE.undercuts(free, total) ? LITTLE : ENOUGH;
    }
  }

  @Override
  public String call() throws IOException, Doubt {
    Room worst = Room.ENOUGH;
    List<String> seen = new ArrayList<>();
    for (Path folder : folders) {
      FileStore store = Files.getFileStore(folder);
      Room room = Room.of(store.getUsableSpace(), store.getTotalSpace());
      worst = room.compareTo(worst) > 0 ? room : worst;
      seen.add(store.getUsableSpace() / MIB + " MiB free at " + folder);
    }
    String all = String.join(", ", seen);
    return switch (worst) {
      case ENOUGH -> all;
      case LITTLE -> throw new Doubt(all);
      case HARDLY_ANY -> throw new IOException(all);
    };
  }
}
