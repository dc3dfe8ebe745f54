package io.agentmanager.contracts.api;

/**
 * What model calls consumed.
 *
 * @param inputTokens tokens sent
 * @param outputTokens tokens received
 * @param costUsd United States dollars by the price table; 0 where the model has no price
 */
public record Usage(long inputTokens, long outputTokens, double costUsd) {
  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0, 0);

  /** The sum of both. */
  public Usage plus(Usage other) {
    return new Usage(
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        costUsd + other.costUsd);
  }
}
