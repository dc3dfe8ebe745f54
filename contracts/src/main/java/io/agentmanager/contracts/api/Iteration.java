package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One turn of an agent's loop. Without an observation it announces an action that is about to be
 * taken; the same index again completes it.
 *
 * @param end absent where the action ended as the observation says
 */
public record Iteration(
    int index,
    @Nullable String thought,
    @Nullable Action action,
    @Nullable String observation,
    @Nullable TokenUsage usage,
    @Nullable Instant startedAt,
    @Nullable Long durationMs,
    @Nullable End end) {

  /** A turn that ended as its observation says. */
  public Iteration(
      int index,
      @Nullable String thought,
      @Nullable Action action,
      @Nullable String observation,
      @Nullable TokenUsage usage,
      @Nullable Instant startedAt,
      @Nullable Long durationMs) {
    this(index, thought, action, observation, usage, startedAt, durationMs, null);
  }

  /** What is known of the end of an action. */
  public enum End {
    /** Its attempt was lost before that was known: it may or may not have had its effect. */
    @JsonProperty("unknown")
    UNKNOWN
  }

  /** A tool call: which tool, with what arguments (a JSON object). */
  public record Action(String tool, @Nullable JsonNode arguments) {}

  /**
   * Tokens of the model call behind an iteration.
   *
   * @param costUsd what the worker's price table says; absent where it has no price
   * @param model the model's name, at most 200 characters
   * @param estimated true where the model did not say, and the worker counted by length
   */
  public record TokenUsage(
      long inputTokens,
      long outputTokens,
      @Nullable Double costUsd,
      @Nullable String model,
      @Nullable Boolean estimated) {

    /** As the model itself says. */
    public TokenUsage(
        long inputTokens, long outputTokens, @Nullable Double costUsd, @Nullable String model) {
      this(inputTokens, outputTokens, costUsd, model, null);
    }

    /** Of a model that nobody names. */
    public TokenUsage(long inputTokens, long outputTokens, @Nullable Double costUsd) {
      this(inputTokens, outputTokens, costUsd, null);
    }
  }
}
