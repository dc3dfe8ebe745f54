package io.agentmanager.contracts.api;

import java.time.Instant;

/**
 * Text that a model is writing, in the live stream alone: the journal does not keep it, so that it
 * has no number, and a reader that comes later does not see it.
 *
 * @param type {@code step.text}
 */
public record TextEvent(String type, Instant at, String stepId, int attempt, StreamedText data) {
  /** The type of all of them. */
  public static final String TYPE = "step.text";

  /** What an attempt's model has written so far. */
  public static TextEvent of(Instant at, String stepId, int attempt, StreamedText text) {
    return new TextEvent(TYPE, at, stepId, attempt, text);
  }
}
