package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/**
 * Why an attempt failed.
 *
 * @param type a stable short name, such as {@code timeout} or {@code result_too_large}
 * @param retryable absent means true
 */
public record StepError(String type, @Nullable String message, @Nullable Boolean retryable) {
  /** Whether another attempt may help. */
  public boolean mayRetry() {
    return retryable == null || retryable;
  }
}
