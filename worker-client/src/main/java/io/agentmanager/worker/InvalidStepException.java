package io.agentmanager.worker;

/**
 * What the step says cannot be worked with: an input is missing, say. Another attempt would find
 * the same, so that the step fails for good, with the type {@code invalid_step}. Handlers may throw
 * it.
 */
public final class InvalidStepException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** Says what the step lacks. */
  public InvalidStepException(String message) {
    super(message);
  }
}
