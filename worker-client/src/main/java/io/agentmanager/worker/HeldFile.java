package io.agentmanager.worker;

import io.agentmanager.contracts.api.AccessType;

/** A file that an attempt holds. It is let go when this is closed, or when the attempt ends. */
public final class HeldFile implements AutoCloseable {
  private final String path;
  private final AccessType access;
  private final Runnable release;

  HeldFile(String path, AccessType access, Runnable release) {
    this.path = path;
    this.access = access;
    this.release = release;
  }

  /** The path relative to the workspace, normalised. */
  public String path() {
    return path;
  }

  /** How it is held. */
  public AccessType access() {
    return access;
  }

  @Override
  public void close() {
    release.run();
  }
}
