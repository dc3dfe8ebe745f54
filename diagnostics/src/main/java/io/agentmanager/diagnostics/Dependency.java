package io.agentmanager.diagnostics;

import java.util.concurrent.Callable;

/**
 * Something that a service depends on.
 *
 * @param name of what it is, not of this one
 * @param advice what to do when it is not as it should be
 * @param look says what it sees, or throws: {@link Doubt} for what works and is not well, anything
 *     else for what does not work
 */
public record Dependency(String name, String advice, Callable<String> look) {
  /** It works, and is not well. */
  public static final class Doubt extends Exception {
    private static final long serialVersionUID = 1;

    /** The message is the detail of the check. */
    public Doubt(String detail) {
      super(detail);
    }
  }
}
