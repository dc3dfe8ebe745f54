package io.agentmanager.local.stack;

/** One running part of the system. */
@FunctionalInterface
public interface Part extends AutoCloseable {
  /** Stops it cleanly. */
  @Override
  void close();
}
