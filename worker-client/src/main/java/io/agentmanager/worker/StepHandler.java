package io.agentmanager.worker;

/** Runs the steps of one capability: plain code, or an agent. */
@FunctionalInterface
public interface StepHandler {
  /**
   * Runs one attempt. The thread is interrupted when the attempt is lost, cancelled or out of time.
   *
   * @return how it ended; a thrown exception counts as a failure that may be tried again, but for
   *     {@link InvalidStepException}
   */
  Outcome handle(StepContext step) throws Exception;
}
