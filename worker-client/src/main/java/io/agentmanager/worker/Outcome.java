package io.agentmanager.worker;

/** How an attempt ended. */
public sealed interface Outcome {

  /** It came to a result. */
  record Completed(String result) implements Outcome {}

  /**
   * It did not.
   *
   * @param type a stable short name of the reason
   * @param retryable whether another attempt may help
   */
  record Failed(String type, String message, boolean retryable) implements Outcome {}

  /** A result. */
  static Outcome completed(String result) {
    return new Completed(result);
  }

  /** A failure that another attempt may mend. */
  static Outcome failed(String type, String message) {
    return new Failed(type, message, true);
  }

  /** A failure that no repetition mends. */
  static Outcome failedForGood(String type, String message) {
    return new Failed(type, message, false);
  }
}
