package io.agentmanager.worker.tool;

import io.agentmanager.contracts.file.WorkspacePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that tools may not leave, whatever a path or a symbolic link says. */
public final class Workspace {
  /** The worker's own: locks, and results that wait to be sent. */
  static final String OWN = ".agentmanager";

  private final Path root;

  /**
   * Takes a folder as the root.
   *
   * @throws IOException when it is not there
   */
  public Workspace(Path root) throws IOException {
    this.root = root.toRealPath();
  }

  Path root() {
    return root;
  }

  /** An existing file or folder; links are followed only as far as they stay inside. */
  Path existing(String path) throws IOException {
    Path real = inside(path).toRealPath();
    if (!real.startsWith(root)) {
      throw new IOException(path + " leaves the workspace");
    }
    return foreign(real, path);
  }

  /** A file to be written; its folder is made if absent. */
  Path writable(String path) throws IOException {
    Path target = inside(path);
    Path folder = target.getParent() == null ? root : target.getParent();
    Path anchor = folder;
    while (!Files.exists(anchor)) {
      anchor = anchor.getParent() == null ? root : anchor.getParent();
    }
    if (!anchor.toRealPath().startsWith(root) || Files.isSymbolicLink(target)) {
      throw new IOException(path + " leaves the workspace");
    }
    Path real = foreign(anchor.toRealPath().resolve(anchor.relativize(target)), path);
    Files.createDirectories(folder);
    return real;
  }

  /** Whoever could write a result that waits to be sent could forge one. */
  private Path foreign(Path real, String path) throws IOException {
    if (real.startsWith(root.resolve(OWN))) {
      throw new IOException(path + " is the worker's own");
    }
    return real;
  }

  /** How a file is named in the workspace. */
  String name(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  private Path inside(String path) throws IOException {
    if (path.isBlank() || path.equals(".") || path.equals("./")) {
      return root;
    }
    return WorkspacePath.parse(path)
        .map(p -> root.resolve(p.value()))
        .orElseThrow(() -> new IOException(path + " is no path within the workspace"));
  }
}
